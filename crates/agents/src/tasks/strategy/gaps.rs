//! What a business has not told, and what its plans lack for it.

use super::context::ContextView;
use super::perception::{Audience, Business};

/// Sentences for people, each a question worth answering.
pub(super) fn gaps(context: &ContextView, business: &Business, audiences: &[Audience]) -> Vec<String> {
    let none =
        |list: fn(&Audience) -> &Vec<String>| audiences.iter().all(|audience| list(audience).is_empty());
    let checks = [
        (context.company.name.trim().is_empty(), "The company's name: texts say “our product” instead."),
        (
            audiences[0].icp_id.is_none() && audiences[0].titles.is_empty(),
            "An ideal customer profile: moves address nobody in particular.",
        ),
        (
            none(|a| &a.pains),
            "Pains of the ICPs: without them no move can start from a problem that readers have.",
        ),
        (none(|a| &a.goals), "Goals of the ICPs: tutorials and customer stories need them."),
        (none(|a| &a.objections), "Objections of the ICPs: the moves that help people to decide need them."),
        (business.pillars.is_empty(), "Messaging pillars: pains and doubts find no answer in them."),
        (business.proof.is_empty(), "Proof points: drafts can claim little without them."),
        (business.goal_measure.is_none(), "A measure for the goal: moves are judged one by one only."),
    ];
    checks.into_iter().filter(|(missing, _)| *missing).map(|(_, gap)| gap.to_owned()).collect()
}
