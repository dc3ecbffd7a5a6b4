//! The client libraries and products that `lethe sp new --client` knows: what each needs in the
//! service's entry, and its own configuration.

use anyhow::{Context, bail};
use url::Url;

/// A client library or product, with its defaults.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientLibrary {
    /// Its name on the command line.
    pub name: &'static str,
    /// Where it takes answers, relative to the service's front page. `None` if only its operator knows.
    redirect_path: Option<&'static str>,
    /// Further lines of the entry, as TOML.
    pub entry: &'static str,
    /// Whether it keeps no secret (RFC 6749 section 2.1).
    pub public: bool,
    /// Whether it accepts tokens signed with ES256.
    accepts_es256: bool,
    /// The template of its configuration. A line `--- NAME` begins each file.
    pub recipe: &'static str,
}

/// A library that keeps a secret, sends PKCE and accepts both algorithms.
const fn usual(name: &'static str, path: &'static str, recipe: &'static str) -> ClientLibrary {
    ClientLibrary {
        name,
        redirect_path: Some(path),
        entry: "",
        public: false,
        accepts_es256: true,
        recipe,
    }
}

impl ClientLibrary {
    /// Every library, by name.
    pub const ALL: [Self; 12] = [
        Self {
            entry: "# Its pages may call /token, /userinfo and /token/revocation (CORS).\n\
                    application = \"browser\"\n",
            public: true,
            ..usual("browser", "callback", include_str!("recipes/browser.hbs"))
        },
        usual(
            "django",
            "oidc/callback/",
            include_str!("recipes/django.hbs"),
        ),
        Self {
            entry: "# The module sends no code challenge.\npkce = \"optional\"\n",
            ..usual(
                "drupal",
                "openid-connect/lethe",
                include_str!("recipes/drupal.hbs"),
            )
        },
        usual("express", "callback", include_str!("recipes/express.hbs")),
        usual("flask", "auth/callback", include_str!("recipes/flask.hbs")),
        Self {
            redirect_path: None,
            entry: "# Keycloak finds its session by it.\nid_token_claims = [\"sid\"]\n",
            ..usual("keycloak", "", include_str!("recipes/keycloak.hbs"))
        },
        usual(
            "mod-auth-openidc",
            "oidc/callback",
            include_str!("recipes/mod-auth-openidc.hbs"),
        ),
        usual(
            "next-auth",
            "api/auth/callback/lethe",
            include_str!("recipes/next-auth.hbs"),
        ),
        usual(
            "oauth2-proxy",
            "oauth2/callback",
            include_str!("recipes/oauth2-proxy.hbs"),
        ),
        usual(
            "passport",
            "auth/callback",
            include_str!("recipes/passport.hbs"),
        ),
        Self {
            accepts_es256: false,
            ..usual("php", "callback.php", include_str!("recipes/php.hbs"))
        },
        usual(
            "spring",
            "login/oauth2/code/lethe",
            include_str!("recipes/spring.hbs"),
        ),
    ];

    /// The library of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|library| library.name == name)
    }

    /// Where it takes answers, for a service with the front page `service_url`.
    ///
    /// # Errors
    /// If only its operator knows, or `service_url` is no address.
    pub fn redirect_uri(&self, service_url: &str) -> Result<String, anyhow::Error> {
        let Some(path) = self.redirect_path else {
            bail!(
                "--client {} needs --redirect: the address that it shows you",
                self.name
            );
        };
        Ok(front_page(service_url)?.join(path)?.into())
    }

    /// Where the browser returns after a logout.
    ///
    /// # Errors
    /// If `service_url` is no address.
    pub fn post_logout_redirect_uri(
        &self,
        service_url: &str,
        redirect_uri: &str,
    ) -> Result<String, anyhow::Error> {
        if self.name == "keycloak" {
            return Ok(format!("{redirect_uri}/logout_response"));
        }
        Ok(front_page(service_url)?.into())
    }

    /// Where it is told of logouts, if it always is.
    #[must_use]
    pub fn backchannel_logout_uri(&self, redirect_uri: &str) -> Option<String> {
        let (realm, _broker) = redirect_uri.split_once("/broker/")?;
        (self.name == "keycloak")
            .then(|| format!("{realm}/protocol/openid-connect/logout/backchannel-logout"))
    }

    /// Says whether it can verify tokens signed with `signing`.
    ///
    /// # Errors
    /// If it cannot, with the remedy.
    pub fn check_signing(&self, signing: &str) -> Result<(), anyhow::Error> {
        if signing == "ES256" && !self.accepts_es256 {
            bail!(
                "--client {} cannot verify ES256 tokens: leave out --signing",
                self.name
            );
        }
        Ok(())
    }
}

/// `text` as the address of a folder, so that paths can be joined to it.
pub(super) fn front_page(text: &str) -> Result<Url, anyhow::Error> {
    let wanted = "--url: expected the address of the service's front page, https://...";
    let mut url = Url::parse(text).context(wanted)?;
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}
