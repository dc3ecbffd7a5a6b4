//! What a citizen finds on a page: its text, links and form.

use anyhow::Context;

/// A page's HTML.
#[derive(Debug, Clone)]
pub struct Page(String);

/// The page's form, as a browser would send it.
#[derive(Debug, Clone)]
pub struct Form {
    /// Where it goes.
    pub action: String,
    /// `get` or `post`.
    pub method: String,
    /// What it sends: hidden fields with their values. Boxes are left unticked.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The form with one more field, or another value.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Page {
    /// A page of `html`.
    #[must_use]
    pub const fn new(html: String) -> Self {
        Self(html)
    }

    /// The HTML.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.0
    }

    /// Every link's target, in order.
    #[must_use]
    pub fn links(&self) -> Vec<String> {
        self.tags("a")
            .iter()
            .filter_map(|tag| attribute(tag, "href"))
            .collect()
    }

    /// The link that ends in `end`.
    ///
    /// # Errors
    /// If there is none: the page is in the message.
    pub fn link(&self, end: &str) -> Result<String, anyhow::Error> {
        let found = self
            .links()
            .into_iter()
            .find(|target| target.ends_with(end));
        found.with_context(|| format!("no link to {end} in {}", self.0))
    }

    /// Whether a link ends in `end`.
    #[must_use]
    pub fn has_link(&self, end: &str) -> bool {
        self.link(end).is_ok()
    }

    /// Whether there is a form.
    #[must_use]
    pub fn has_form(&self) -> bool {
        self.form().is_ok()
    }

    /// The page's first form.
    ///
    /// # Errors
    /// If there is none.
    pub fn form(&self) -> Result<Form, anyhow::Error> {
        let tag = self.tags("form").into_iter().next();
        let tag = tag.with_context(|| format!("no form in {}", self.0))?;
        let hidden = |tag: &String| {
            let is_hidden = attribute(tag, "type").as_deref() == Some("hidden");
            is_hidden.then(|| Some((attribute(tag, "name")?, attribute(tag, "value")?)))?
        };
        Ok(Form {
            action: attribute(&tag, "action").unwrap_or_default(),
            method: attribute(&tag, "method").unwrap_or_default(),
            fields: self.tags("input").iter().filter_map(hidden).collect(),
        })
    }

    /// Where the page goes by itself.
    #[must_use]
    pub fn refresh(&self) -> Option<String> {
        let tag = self
            .tags("meta")
            .into_iter()
            .find(|tag| tag.contains("http-equiv=\"refresh\""))?;
        attribute(&tag, "content")?
            .split_once("url=")
            .map(|(_, url)| url.to_owned())
    }

    /// The public code on the page.
    #[must_use]
    pub fn code(&self) -> Option<String> {
        let mut codes = self
            .0
            .split("<code>")
            .skip(1)
            .filter_map(|rest| rest.split('<').next());
        codes
            .find(|code| code.len() == 5 && code.starts_with('L'))
            .map(str::to_owned)
    }

    fn tags(&self, name: &str) -> Vec<String> {
        let start = format!("<{name} ");
        let rests = self.0.split(&start).skip(1);
        rests
            .filter_map(|rest| Some(format!(" {}", rest.split_once('>')?.0)))
            .collect()
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split_once('"')?.0;
    let plain = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#x3D;", "="),
        ("&#x60;", "`"),
        ("&amp;", "&"),
    ];
    Some(
        plain
            .iter()
            .fold(value.to_owned(), |text, (escape, plain)| {
                text.replace(escape, plain)
            }),
    )
}
