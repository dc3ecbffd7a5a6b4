//! Steps of a browser and what it shows.

use anyhow::Context;
use url::Url;

use super::{done, run};
use crate::{Answer, Browser, Form, Page};

impl Browser {
    /// Opens a browser without cookies that prefers French.
    #[must_use]
    #[track_caller]
    pub fn open() -> Self {
        done(Self::new())
    }

    /// Opens `url` without following redirects.
    #[track_caller]
    pub fn visit(&mut self, url: &Url) -> impl Future<Output = Answer> {
        run(self.get(url))
    }

    /// Opens `url` with further `headers`.
    #[track_caller]
    pub fn visit_with(
        &mut self,
        url: &Url,
        headers: &[(&str, &str)],
    ) -> impl Future<Output = Answer> {
        run(self.get_with(url, headers))
    }

    /// Follows redirects up to a page, or up to a redirect to a URL that starts with `stop`.
    #[track_caller]
    pub fn follow_redirects(&mut self, answer: Answer, stop: &str) -> impl Future<Output = Answer> {
        run(self.follow(answer, stop))
    }

    /// Opens the link whose target ends with `end`.
    #[track_caller]
    pub fn click_link(&mut self, answer: &Answer, end: &str) -> impl Future<Output = Answer> {
        run(self.click(answer, end))
    }

    /// Submits `form` of the page `answer`.
    #[track_caller]
    pub fn submit_form(&mut self, answer: &Answer, form: &Form) -> impl Future<Output = Answer> {
        run(self.submit(answer, form))
    }

    /// Posts `fields` to `url`.
    #[track_caller]
    pub fn post_form(
        &mut self,
        url: &Url,
        fields: &[(String, String)],
    ) -> impl Future<Output = Answer> {
        run(self.post(url, fields))
    }
}

impl Answer {
    /// `path`, relative to the URL of this page.
    #[must_use]
    #[track_caller]
    pub fn resolve(&self, path: &str) -> Url {
        done(self.url.join(path))
    }

    /// The URL that the page opens by itself (`meta` with `refresh`).
    #[must_use]
    #[track_caller]
    pub fn refresh_url(&self) -> Url {
        let target = self.page.refresh();
        self.resolve(&done(target.context("the page opens no other page")))
    }

    /// The first header `name`.
    #[must_use]
    #[track_caller]
    pub fn expect_header(&self, name: &str) -> &str {
        let header = self.header(name);
        done(header.with_context(|| format!("no header {name}")))
    }

    /// The target of the redirect.
    #[must_use]
    #[track_caller]
    pub fn redirect_url(&self) -> Url {
        done(self.location())
    }
}

impl Page {
    /// The link whose target ends with `end`.
    #[must_use]
    #[track_caller]
    pub fn link_to(&self, end: &str) -> String {
        done(self.link(end))
    }

    /// The first form of the page.
    #[must_use]
    #[track_caller]
    pub fn first_form(&self) -> Form {
        done(self.form())
    }
}
