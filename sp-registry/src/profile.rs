//! Profiles: the default values of a service's entry. Each value can be overridden in the entry.
//!
//! Called by `file.rs`; the resulting [`Policy`] is used by the server.

use std::{collections::BTreeSet, time::Duration};

use hub_core::{identity::DateForm, login::AskedClaim};
use hub_document::Section;

/// A set of default values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Current practice of OpenID Connect and OAuth security.
    Standard,
    /// The behaviour that a service integrated with FranceConnect v2 expects.
    FranceConnect,
}

/// The form of the UserInfo response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserinfoFormat {
    /// Plain JSON.
    Json,
    /// A signed JWT (OpenID Connect Core 5.3.2).
    Jwt,
}

/// The tokens of a service that data providers accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataTokens {
    /// Only tokens issued for one data provider (RFC 8707, RFC 8693), which it cannot use at UserInfo.
    Own,
    /// The service's own access token, as with FranceConnect.
    Shared,
}

/// The lifetimes of codes and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// The lifetime of an authorization code.
    pub code: Duration,
    /// The lifetime of an access token and its ID token.
    pub access: Duration,
}

impl Lifetimes {
    /// The maximum values in an entry.
    pub const LONGEST: Self = Self {
        code: Duration::from_secs(120),
        access: Duration::from_secs(900),
    };
}

/// The protocol rules for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate rule")]
pub struct Policy {
    /// Whether a PKCE challenge is required.
    pub pkce_required: bool,
    /// The minimum length of `nonce`, in characters; zero if it is optional.
    pub nonce_length: usize,
    /// Whether `state` is required even with PKCE or a nonce.
    pub state_required: bool,
    /// Whether the authorization response has the `iss` parameter of RFC 9207.
    pub iss_parameter: bool,
    /// The form of the UserInfo response.
    pub userinfo: UserinfoFormat,
    /// Whether a signed UserInfo response has its own `typ`. FranceConnect sends `JWT`, and the
    /// libraries of its services accept no other.
    pub typed_userinfo: bool,
    /// How a birth date with unknown parts is written.
    pub dates: DateForm,
    /// The tokens of the service that data providers accept.
    pub data_tokens: DataTokens,
    /// The lifetimes of codes and tokens.
    pub lifetimes: Lifetimes,
    /// The claims about the authentication that every ID token carries.
    pub id_token: BTreeSet<AskedClaim>,
}

impl Profile {
    /// Returns the rules of the profile.
    #[must_use]
    pub fn policy(self) -> Policy {
        match self {
            Self::Standard => Policy {
                pkce_required: true,
                nonce_length: 0,
                state_required: false,
                iss_parameter: true,
                userinfo: UserinfoFormat::Json,
                typed_userinfo: true,
                dates: DateForm::Zero,
                data_tokens: DataTokens::Own,
                lifetimes: Lifetimes {
                    code: Duration::from_secs(60),
                    access: Duration::from_secs(600),
                },
                id_token: BTreeSet::new(),
            },
            Self::FranceConnect => Policy {
                pkce_required: false,
                nonce_length: 22,
                state_required: true,
                iss_parameter: false,
                userinfo: UserinfoFormat::Jwt,
                typed_userinfo: false,
                dates: DateForm::First,
                data_tokens: DataTokens::Shared,
                lifetimes: Lifetimes {
                    code: Duration::from_secs(30),
                    access: Duration::from_secs(60),
                },
                id_token: BTreeSet::from([AskedClaim::AuthTime]),
            },
        }
    }
}

impl Policy {
    /// Reads the values of an entry that override the profile.
    pub(crate) fn read(root: &Section<'_>, profile: Profile) -> Self {
        let base = profile.policy();
        let pkce = root.optional("pkce", required_or_optional);
        let iss_parameter = root.flag("iss_parameter", base.iss_parameter);
        let dates = root.optional("birthdate", date_form);
        let (userinfo, id_token) = (root.optional("userinfo", userinfo), id_token_claims(root));
        let data_tokens = root.optional("data_tokens", data_tokens);
        let Lifetimes { code, access } = Lifetimes::LONGEST;
        let code = root.number(
            "code_lifetime",
            10..code.as_secs() + 1,
            base.lifetimes.code.as_secs(),
        );
        let access = root.number(
            "access_token_lifetime",
            30..access.as_secs() + 1,
            base.lifetimes.access.as_secs(),
        );
        Self {
            pkce_required: pkce.unwrap_or(base.pkce_required),
            iss_parameter,
            userinfo: userinfo.unwrap_or(base.userinfo),
            dates: dates.unwrap_or(base.dates),
            data_tokens: data_tokens.unwrap_or(base.data_tokens),
            lifetimes: Lifetimes {
                code: Duration::from_secs(code),
                access: Duration::from_secs(access),
            },
            id_token: base.id_token.union(&id_token).copied().collect(),
            ..base
        }
    }
}

/// Parses the key `profile`.
pub(crate) fn profile(text: &str) -> Result<Profile, &'static str> {
    Ok(match text {
        "standard" => Profile::Standard,
        "franceconnect" => Profile::FranceConnect,
        _ => return Err("expected standard or franceconnect"),
    })
}

fn required_or_optional(text: &str) -> Result<bool, &'static str> {
    Ok(match text {
        "required" => true,
        "optional" => false,
        _ => return Err("expected required or optional"),
    })
}

fn date_form(text: &str) -> Result<DateForm, &'static str> {
    Ok(match text {
        "zero" => DateForm::Zero,
        "truncate" => DateForm::Truncate,
        "first" => DateForm::First,
        _ => return Err("expected zero, truncate or first"),
    })
}

fn userinfo(text: &str) -> Result<UserinfoFormat, &'static str> {
    Ok(match text {
        "json" => UserinfoFormat::Json,
        "jwt" => UserinfoFormat::Jwt,
        _ => return Err("expected json or jwt"),
    })
}

fn data_tokens(text: &str) -> Result<DataTokens, &'static str> {
    Ok(match text {
        "own" => DataTokens::Own,
        "shared" => DataTokens::Shared,
        _ => return Err("expected own or shared"),
    })
}

fn id_token_claims(root: &Section<'_>) -> BTreeSet<AskedClaim> {
    root.list("id_token_claims", |text| {
        Ok::<_, &str>(match text {
            "auth_time" => AskedClaim::AuthTime,
            "amr" => AskedClaim::Amr,
            "at_hash" => AskedClaim::AtHash,
            "sid" => AskedClaim::Sid,
            "sub_basis" => AskedClaim::SubBasis,
            "previous_subs" => AskedClaim::PreviousSubs,
            _ => return Err("expected auth_time, amr, at_hash, sid, sub_basis or previous_subs"),
        })
    })
    .into_iter()
    .collect()
}
