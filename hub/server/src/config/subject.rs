//! `[subject]` of `hub.toml`: what a `sub` is made of.

use hub_core::subject::{BirthsAbroad, Derivation};
use hub_document::Section;

/// The operator's choices about the `sub`.
#[derive(Debug, Clone, Default)]
pub struct SubjectSettings {
    /// The reference to the secret of `fc-v1`, where subjects are derived by it.
    pub fc_v1: Option<String>,
    /// Whether a verified pivot counts for people born abroad.
    pub births_abroad: BirthsAbroad,
}

impl SubjectSettings {
    /// Reads `[subject]`.
    pub(super) fn read(section: &Section<'_>) -> Self {
        let fc_v1 = section.optional("derivation", derivation) == Some(Derivation::FcV1);
        let births_abroad = section.optional("births_abroad", births_abroad);
        let decision = section.optional("births_abroad_decision", decision);
        if births_abroad == Some(BirthsAbroad::Pivot) && decision.is_none() {
            let remedy = "lets people born abroad with the same names and birth date share a `sub`: add \
                          `births_abroad_decision` with the reference of the decision, or remove it";
            section.add_problem("births_abroad", remedy);
        }
        Self {
            fc_v1: fc_v1
                .then(|| section.required("secret", super::keys::reference))
                .flatten(),
            births_abroad: births_abroad.unwrap_or_default(),
        }
    }
}

fn derivation(text: &str) -> Result<Derivation, &'static str> {
    Ok(match text {
        "fc-v1" => Derivation::FcV1,
        "pivot-v1" => Derivation::PivotV1,
        _ => return Err("expected pivot-v1 or fc-v1"),
    })
}

fn births_abroad(text: &str) -> Result<BirthsAbroad, &'static str> {
    Ok(match text {
        "pivot" => BirthsAbroad::Pivot,
        "source" => BirthsAbroad::Source,
        _ => return Err("expected source or pivot"),
    })
}

fn decision(text: &str) -> Result<(), &'static str> {
    let good = (3..=500).contains(&text.trim().len());
    good.then_some(())
        .ok_or("expected the reference of a decision, 3 to 500 characters")
}
