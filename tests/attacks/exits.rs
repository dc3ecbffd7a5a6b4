//! Where the browser goes next, read from the chain of redirects by the page that began it.

use hub_tests::{Browser, Listener, Presenter, Returned, World, requests_of};
use url::Url;

/// Parameters that belong together, as a party received them.
type Request = Vec<(String, String)>;

/// A citizen's browser with a session, a login at the IdP, and a logout that has not returned to the
/// service; and what the two other parties hold of it.
struct Citizen {
    browser: Browser,
    held_by_idp: Vec<Request>,
    held_by_service: Vec<Request>,
}

const SERVICE: &str = "picky";
const IDP: &str = "boussole";
const BACK: &str = "https://picky.example/bye?from=hub";

fn owned(pairs: &[(&str, &str)]) -> Request {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

fn pairs_of(url: &Url) -> Request {
    url.query_pairs().into_owned().collect()
}

async fn citizen(world: &World) -> Citizen {
    let idp = world.idp(IDP).unwrap();
    let before = idp.seen().len();
    let mut browser = Browser::new().unwrap();
    let signed_in = world.id_token(&mut browser, SERVICE, "angela").await;
    let (hint, _) = signed_in.unwrap();
    let end = world.end(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BACK)]);
    // The citizen is sent back by the IdP and has not arrived: the last page of a logout is shown once.
    let ended = browser.get(&end.unwrap()).await.unwrap();
    let out = browser.follow(ended, "https://").await.unwrap();
    let form = out.page.form().unwrap();
    browser.submit(&out, &form).await.unwrap();

    let sp = world.service(SERVICE).unwrap();
    let start = sp.request(&[]).unwrap();
    let authentication = world.log_in(&mut browser, &start, IDP, "angela").await;
    let authentication = authentication.unwrap();
    let code = Returned::from(&authentication).get("code").to_owned();
    let (_, tokens) = sp.token(&sp.token_fields(&code)).await.unwrap();

    let hinted = sp
        .request(&[("idp_hint", IDP), ("prompt", "login")])
        .unwrap();
    let sign_in = world.go(&mut browser, &hinted).await.unwrap();
    let back = world.sign_in(&mut browser, &sign_in, "angela").await;
    let mut held_by_idp = requests_of(&idp.seen()[before..]);
    held_by_idp.push(pairs_of(&back.unwrap().location().unwrap()));
    let ended = ["id_token", "access_token"].map(|name| {
        let token = tokens[name].as_str().unwrap();
        owned(&[
            ("id_token_hint", token),
            ("client_id", SERVICE),
            ("post_logout_redirect_uri", BACK),
            ("state", "a-state-of-the-service"),
        ])
    });
    let held_by_service = ended
        .into_iter()
        .chain([&hinted, &start, &authentication].map(pairs_of))
        .collect();
    Citizen {
        browser,
        held_by_idp,
        held_by_service,
    }
}

/// Makes the citizen's browser send every request that a page of the party can make, and returns how
/// often the answer was a page that leads to `hidden`.
async fn drive(world: &World, held: fn(&Citizen) -> &Vec<Request>, hidden: &str) -> usize {
    let presenter = Presenter::new(&world.issuer, SERVICE, IDP, "").unwrap();
    // The first login alone reads discovery and keys.
    citizen(world).await;
    let mut at = citizen(world).await;
    let mut requests = presenter.driven(held(&at)).unwrap();
    assert!(requests.len() > 1000, "{} requests", requests.len());
    let mut pages = 0;
    let mut place = 0;
    while let Some(one) = requests.get(place) {
        let answer = presenter.drive(one, &at.browser).await.unwrap();
        if let Some(location) = &answer.location {
            let is_response = one.endpoint == "/authorize" && is_redirect_uri(location);
            assert!(is_response, "{} redirects to {location}", answer.what);
        }
        pages += usize::from(answer.page.html().contains(hidden));
        place += 1;
        // The next request needs a browser in which everything is still under way.
        if answer.has_new_secret {
            at = citizen(world).await;
            let count = requests.len();
            requests = presenter.driven(held(&at)).unwrap();
            assert_eq!(requests.len(), count);
        }
    }
    pages
}

/// Whether `location` is an authorization response to the service's own redirect address.
fn is_redirect_uri(location: &Url) -> bool {
    let mut address = location.clone();
    address.set_query(None);
    ["https://picky.example/callback", "http://127.0.0.1/native"].contains(&address.as_str())
}

#[actix_web::test]
async fn a_page_of_the_service_that_drives_the_citizens_browser_sees_no_redirect_to_the_idp() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();
    let idp = world.idp(IDP).unwrap().issuer().to_owned();

    let pages = drive(&world, |citizen| &citizen.held_by_service, &idp).await;

    assert!(pages > 0, "the way to the IdP was never tried");
}

#[actix_web::test]
async fn a_page_of_the_idp_that_drives_the_citizens_browser_sees_no_redirect_to_the_service() {
    let told = Listener::open(&[]).unwrap();
    let world = World::with_sessions(&told, vec![]).unwrap();

    let service = "https://picky.example/bye";
    let pages = drive(&world, |citizen| &citizen.held_by_idp, service).await;

    assert!(pages > 0, "the way to the service was never tried");
}
