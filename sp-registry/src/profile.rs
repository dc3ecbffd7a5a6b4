//! Profiles: what a service gets if its entry says nothing more. Each value can be overridden there.

use std::{collections::BTreeSet, time::Duration};

use hub_core::{identity::DateForm, login::AskedClaim};
use hub_document::Section;

/// A family of defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// What OpenID Connect and OAuth security practice say today.
    Standard,
    /// What a service integrated with FranceConnect v2 expects.
    FranceConnect,
}

/// The form of the userinfo answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserinfoFormat {
    /// Plain JSON.
    Json,
    /// A signed JWT (OpenID Connect Core 5.3.2).
    Jwt,
}

/// Which tokens of a service data providers take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataTokens {
    /// Only tokens made for one of them (RFC 8707, RFC 8693): none of them can read userinfo with it.
    Own,
    /// The service's own access token, as FranceConnect's do.
    Shared,
}

/// How long things live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// An authorization code.
    pub code: Duration,
    /// An access token, and the id token with it.
    pub access: Duration,
}

impl Lifetimes {
    /// The longest that an entry may say.
    pub const LONGEST: Self = Self {
        code: Duration::from_secs(120),
        access: Duration::from_secs(900),
    };
}

/// The rules for one service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a rule of its own")]
pub struct Policy {
    /// Whether a PKCE challenge has to be sent.
    pub pkce_required: bool,
    /// The fewest characters of `nonce`; zero where it is optional.
    pub nonce_length: usize,
    /// Whether `state` has to be sent even with PKCE or a nonce.
    pub state_required: bool,
    /// Whether RFC 9207's `iss` goes on the redirect.
    pub iss_parameter: bool,
    /// The form of userinfo.
    pub userinfo: UserinfoFormat,
    /// Whether a signed userinfo answer has a `typ` of its own. FranceConnect's has `JWT`, and libraries
    /// that its services use accept no other.
    pub typed_userinfo: bool,
    /// How partly unknown birth dates are written.
    pub dates: DateForm,
    /// Which of its tokens data providers take.
    pub data_tokens: DataTokens,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// Claims about the authentication that the id token carries unasked.
    pub id_token: BTreeSet<AskedClaim>,
}

impl Profile {
    /// The profile's rules.
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
    /// Reads the overrides that an entry makes to its profile.
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

/// Reads `profile`.
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
