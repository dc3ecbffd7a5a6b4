//! A forgotten password at a demonstration identity provider.
//!
//! The provider shows a mail on a page, the citizen sets a new password, and the browser returns to the
//! login in progress. Called by `idp/mod.rs`.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::{StatusCode, header},
    web::{Bytes, Data},
};
use serde_json::json;

use super::{State, endpoints::form, lock};
use crate::{Person, pages::page};

/// Shows one part of the page.
fn show(state: &State, part: &str, value: &str, mails: &[String]) -> HttpResponse {
    let plan = state.plan;
    let mut values = json!({
        "title": plan.title, "colour": plan.colour, "mails": mails,
        "ask": null, "sent": null, "mailbox": null, "token": null, "said": null,
    });
    if let Some(members) = values.as_object_mut() {
        members.insert(part.to_owned(), value.into());
    }
    page(StatusCode::OK, "forgotten", &values)
}

pub(super) async fn ask(state: Data<State>) -> HttpResponse {
    show(&state, "ask", "yes", &[])
}

pub(super) async fn send(state: Data<State>, body: Bytes) -> HttpResponse {
    let sent = form(&body);
    let username = sent.get("username").map_or("", String::as_str);
    if Person::named(username).is_some() {
        let mail = (username.to_owned(), state.secret());
        lock(&state.mails).push(mail);
    }
    // The same response for every user name, so that it does not reveal who has an account.
    show(&state, "sent", username, &[])
}

pub(super) async fn mailbox(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = form(request.query_string().as_bytes());
    let username = parameters.get("for").map_or("", String::as_str);
    let mails = lock(&state.mails);
    let tokens: Vec<String> = mails
        .iter()
        .filter(|(to, _)| to == username)
        .map(|(_, token)| token.clone())
        .collect();
    show(&state, "mailbox", username, &tokens)
}

pub(super) async fn choose(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let parameters = form(request.query_string().as_bytes());
    show(
        &state,
        "token",
        parameters.get("token").map_or("", String::as_str),
        &[],
    )
}

/// Sets the new password and redirects the browser to the hub, which continues a login in progress.
pub(super) async fn change(state: Data<State>, body: Bytes) -> HttpResponse {
    let sent = form(&body);
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    let mut mails = lock(&state.mails);
    let Some(place) = mails.iter().position(|(_, token)| token == text("token")) else {
        return show(
            &state,
            "said",
            "Ce lien a déjà servi. This link was used.",
            &[],
        );
    };
    let (username, _) = mails.remove(place);
    drop(mails);
    lock(&state.passwords).insert(username.clone(), text("password").to_owned());
    // Whoever read the mail is this person, so the next sign-in does not ask for the password again.
    let proof = state.secret();
    lock(&state.proofs).insert(proof.clone(), username);
    let proof = Cookie::build(cookie_name(&state), proof)
        .path("/")
        .http_only(true)
        .finish();
    let next = format!("{}/initiate/{}", state.hub(), state.plan.id);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, next))
        .cookie(proof)
        .finish()
}

/// Returns the person who was just authenticated by a mail in this browser, once.
pub(super) fn proven(state: &State, request: &HttpRequest) -> Option<std::sync::Arc<Person>> {
    let proof = request.cookie(&cookie_name(state))?;
    let username = lock(&state.proofs).remove(proof.value())?;
    Person::named(&username)
}

fn cookie_name(state: &State) -> String {
    format!("proof-{}", state.plan.id)
}
