//! How complete a context is: the one table of what agents use and how much each part matters.

use super::ContextDocument;

/// A part of the document: its path, its weight in percent, and whether it is told.
type Part = (&'static str, u8, fn(&ContextDocument) -> bool);

/// The weights sum to 100. They follow what the planning of moves reads: without an offer, customers and channels
/// there is no plan; positioning and pillars fill the drafts; the rest sharpens them.
///
/// A part of the profiles is told when every profile tells it, and a statement when its first three parts are: with
/// them the sentence stands.
const TABLE: [Part; 25] = [
    ("company.name", 5, |d| told(&d.company.name)),
    ("company.website", 2, |d| told(&d.company.website)),
    ("company.industry", 3, |d| told(&d.company.industry)),
    ("company.stage", 1, |d| told(&d.company.stage)),
    ("company.mission", 3, |d| told(&d.company.mission)),
    ("company.time_zone", 2, |d| told(&d.company.time_zone)),
    ("offer.summary", 10, |d| told(&d.offer.summary)),
    ("offer.value_proposition", 7, |d| told(&d.offer.value_proposition)),
    ("offer.pricing_model", 2, |d| told(&d.offer.pricing_model)),
    ("offer.proof_points", 5, |d| listed(&d.offer.proof_points)),
    ("positioning.statement", 6, |d| {
        let statement = &d.positioning.statement;
        told(&statement.for_whom) && told(&statement.category) && told(&statement.benefit)
    }),
    ("positioning.competitors", 3, |d| {
        listed(&d.positioning.competitors.strong) || listed(&d.positioning.competitors.weak)
    }),
    ("positioning.pillars", 6, |d| listed(&d.positioning.pillars)),
    ("icps", 10, |d| listed(&d.icps)),
    ("icps.pains", 4, |d| every_icp(d, |p| listed(&p.pains))),
    ("icps.goals", 3, |d| every_icp(d, |p| listed(&p.goals))),
    ("icps.objections", 2, |d| every_icp(d, |p| listed(&p.objections))),
    ("icps.triggers", 2, |d| every_icp(d, |p| listed(&p.triggers))),
    ("icps.channels", 3, |d| every_icp(d, |p| listed(&p.channels))),
    ("channels", 6, |d| listed(&d.channels)),
    ("goals.objective", 5, |d| told(&d.goals.objective)),
    ("goals.measures", 3, |d| listed(&d.goals.measures)),
    ("voice.traits", 3, |d| listed(&d.voice.traits)),
    ("constraints.forbidden", 2, |d| listed(&d.constraints.forbidden)),
    ("constraints.monthly_budget", 2, |d| d.constraints.monthly_budget.is_some()),
];

const fn told(text: &str) -> bool {
    !text.is_empty()
}

const fn listed<T>(items: &[T]) -> bool {
    !items.is_empty()
}

fn every_icp(document: &ContextDocument, tells: impl Fn(&super::IcpProfile) -> bool) -> bool {
    listed(&document.icps) && document.icps.iter().all(|icp| tells(&icp.profile))
}

/// The paths of what is not told, in the order of the table.
pub(super) fn gaps(document: &ContextDocument) -> Vec<String> {
    let missing = TABLE.iter().filter(|(.., is_told)| !is_told(document));
    missing.map(|(path, ..)| (*path).to_owned()).collect()
}

/// The weights of what is told, summed.
pub(super) fn percent(document: &ContextDocument) -> u8 {
    TABLE.iter().filter(|(.., is_told)| is_told(document)).map(|(_, weight, _)| weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_sum_to_a_hundred() {
        assert_eq!(TABLE.iter().map(|(_, weight, _)| u32::from(*weight)).sum::<u32>(), 100);
    }

    #[test]
    fn an_empty_document_has_every_gap_and_no_completeness() {
        let empty = ContextDocument::default();
        assert_eq!(percent(&empty), 0);
        assert_eq!(gaps(&empty).len(), TABLE.len());
    }

    #[test]
    fn one_profile_without_pains_leaves_the_gap_open() {
        let icp = |pains: &[&str]| super::super::ContextIcp {
            id: uuid::Uuid::nil().into(),
            profile: super::super::IcpProfile {
                pains: pains.iter().map(|&pain| pain.to_owned()).collect(),
                ..Default::default()
            },
        };
        let both = ContextDocument { icps: vec![icp(&["slow"]), icp(&["dear"])], ..Default::default() };
        let one = ContextDocument { icps: vec![icp(&["slow"]), icp(&[])], ..Default::default() };
        assert!(!gaps(&both).contains(&"icps.pains".to_owned()));
        assert!(gaps(&one).contains(&"icps.pains".to_owned()));
        assert_eq!(percent(&both), percent(&one) + 4);
    }
}
