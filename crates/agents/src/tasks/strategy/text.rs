//! People's phrases, made fit to stand in a sentence.

use super::lexicon::lexicon;

/// Longest phrase that is taken over from a context, in characters.
const MAX_PHRASE: usize = 160;
/// Marks that people put round a phrase; plans set their own.
const QUOTES: [char; 4] = ['"', '“', '”', ' '];

/// How a phrase can be built into a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Can follow a preposition: "exorbitant fees", "becoming a bottleneck".
    Nominal,
    /// Can follow "to": "see how features perform".
    Imperative,
    /// A whole or half sentence: "we lose track of stock". Must be quoted.
    Clause,
}

/// One line without control characters, outer quotes and final punctuation, at most [`MAX_PHRASE`] characters long;
/// `None` when nothing readable is left.
pub(crate) fn clean(text: &str) -> Option<String> {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = words.trim_start_matches(QUOTES);
    let bare = bare.trim_end_matches(|c| QUOTES.contains(&c) || ".,;:!?".contains(c));
    let bare = bare.replace(['“', '”', '"'], "'");
    bare.chars().any(char::is_alphanumeric).then(|| truncated(&bare, MAX_PHRASE))
}

/// The text cut at a word boundary, with an ellipsis, so that it has at most `max` characters.
pub(crate) fn truncated(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let room: String = text.chars().take(max.saturating_sub(1)).collect();
    let cut = match room.rfind(char::is_whitespace) {
        Some(at) if at * 2 > room.len() => &room[..at],
        _ => room.as_str(),
    };
    format!("{}…", cut.trim_end_matches([',', ';', ':', ' ', '\n', '-', '–']))
}

/// A short form for titles: cut where a part of the phrase ends, if that keeps enough of it.
pub(crate) fn shortened(phrase: &str, max: usize) -> String {
    if phrase.chars().count() <= max {
        return phrase.to_owned();
    }
    let breaks = [", ", "; ", ": ", " and ", " or ", " – ", " - ", " (", " that ", " which "];
    let ends = breaks.iter().flat_map(|end| phrase.match_indices(end)).map(|(at, _)| at);
    let fitting = ends.filter(|&at| {
        let kept = phrase[..at].chars().count();
        kept <= max && kept * 3 >= max
    });
    match fitting.max() {
        Some(at) => phrase[..at].to_owned(),
        None => truncated(phrase, max),
    }
}

/// With a capital first letter, unless the first word has a capital of its own ("iPhone").
pub(crate) fn capitalised(text: &str) -> String {
    let first_word = text.split_whitespace().next().unwrap_or_default();
    if first_word.chars().skip(1).any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// As it would stand in the middle of a sentence: "Expensive suppliers" loses its capital, "SQL" and "Google" do not.
pub(crate) fn mid_sentence(phrase: &str) -> String {
    let mut words = phrase.split_whitespace();
    let first = words.next().unwrap_or_default();
    let plain = first.chars().skip(1).all(|c| !c.is_uppercase()) && first.chars().count() > 1;
    let named = words.next().is_some_and(|next| next.starts_with(char::is_uppercase));
    if !plain || named || lexicon().is_name(&first.to_lowercase()) || first == "I" {
        return phrase.to_owned();
    }
    let mut chars = phrase.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}

/// A full sentence: capital first, full stop last.
pub(crate) fn sentence(phrase: &str) -> String {
    let text = capitalised(phrase.trim());
    if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
}

/// How the phrase can be built into a sentence.
pub(crate) fn shape(phrase: &str) -> Shape {
    let lower = phrase.to_lowercase().replace('’', "'");
    let mut words = lower.split_whitespace();
    let (first, second, third) = (words.next().unwrap_or_default(), words.next(), words.next());
    let lexicon = lexicon();
    if lexicon.starts_clause(first) {
        return Shape::Clause;
    }
    let verb_pair = third.is_some_and(|word| lexicon.is_verb(word));
    match second {
        Some(next) if lexicon.follows_noun(next) && !verb_pair => Shape::Nominal,
        Some(next) if first.ends_with("ly") && lexicon.is_verb(next) => Shape::Imperative,
        Some(_) if lexicon.is_verb(first) => Shape::Imperative,
        _ => Shape::Nominal,
    }
}

/// Without the "to" that people put before a goal.
pub(crate) fn without_to(phrase: &str) -> &str {
    let lower = phrase.get(..3).map(str::to_lowercase);
    if lower.as_deref() == Some("to ") { phrase[3..].trim_start() } else { phrase }
}

/// As the object of a preposition; clauses and commands are quoted.
pub(crate) fn topic(phrase: &str) -> String {
    match shape(phrase) {
        Shape::Nominal => mid_sentence(phrase),
        Shape::Imperative | Shape::Clause => format!("“{phrase}”"),
    }
}

/// As the subject of a tutorial: "how to see ..." or the thing itself.
pub(crate) fn way(phrase: &str) -> String {
    match shape(phrase) {
        Shape::Imperative => format!("how to {}", mid_sentence(phrase)),
        Shape::Nominal | Shape::Clause => mid_sentence(phrase),
    }
}

/// What a company says, as a sentence: "PostHog combines ...", "Extensible: value beyond core metrics."
pub(crate) fn claim(subject: &str, label: &str, message: &str) -> String {
    let first = message.split_whitespace().next().unwrap_or_default().to_lowercase();
    if !subject.is_empty() && lexicon().is_third_person(&first) {
        return sentence(&format!("{subject} {}", mid_sentence(message)));
    }
    match label.is_empty() {
        true => sentence(message),
        false => sentence(&format!("{label}: {}", mid_sentence(message))),
    }
}

/// A support line without the verb that some people put before it ("analyse: funnels" becomes "funnels").
pub(crate) fn without_verb_label(support: &str) -> &str {
    match support.split_once(": ") {
        Some((label, rest)) if is_verb_label(label) => rest.trim(),
        _ => support,
    }
}

fn is_verb_label(label: &str) -> bool {
    !label.contains(char::is_whitespace) && lexicon().is_verb(&label.to_lowercase()) || label == "experiment"
}

/// "a", "a and b", "a, b and c".
pub(crate) fn listed<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_recognised_by_how_they_can_be_used() {
        for phrase in [
            "risk of data breaches",
            "becoming a bottleneck",
            "fast insights that scale",
            "growth",
            "not knowing why",
        ] {
            assert_eq!(shape(phrase), Shape::Nominal, "{phrase}");
        }
        for phrase in [
            "see how features perform",
            "Self-host to avoid concerns",
            "deploy and iterate",
            "quickly find answers",
        ] {
            assert_eq!(shape(phrase), Shape::Imperative, "{phrase}");
        }
        for phrase in ["we lose track of stock", "can self-host", "Don't know whom to ask"] {
            assert_eq!(shape(phrase), Shape::Clause, "{phrase}");
        }
    }

    #[test]
    fn a_capital_goes_unless_it_belongs_to_a_name() {
        assert_eq!(mid_sentence("Expensive suppliers"), "expensive suppliers");
        for name in ["SQL is slow", "Google search", "Heap Analytics", "iPhone users", "I forget"] {
            assert_eq!(mid_sentence(name), name);
        }
    }

    #[test]
    fn messages_become_sentences_of_the_company() {
        assert_eq!(
            claim("PostHog", "All-in-one", "combines several kinds of tools"),
            "PostHog combines several kinds of tools."
        );
        assert_eq!(
            claim("PostHog", "Extensible", "value beyond metrics"),
            "Extensible: value beyond metrics."
        );
        assert_eq!(claim("Kiln", "", "We roast on Mondays!"), "We roast on Mondays!");
    }

    #[test]
    fn cleaning_leaves_one_readable_line_or_nothing() {
        assert_eq!(clean("  “Long\nsales\u{7} process”. ").unwrap(), "Long sales process");
        assert_eq!(clean(" … !! "), None);
        assert_eq!(clean("日本語の悩み").unwrap(), "日本語の悩み");
        assert!(clean(&"long ".repeat(500)).unwrap().chars().count() <= MAX_PHRASE);
    }

    #[test]
    fn short_forms_end_where_a_part_ends() {
        assert_eq!(
            shortened("risk of data breaches and who has access to it all", 40),
            "risk of data breaches"
        );
        assert_eq!(shortened("short enough", 40), "short enough");
        assert!(shortened(&"x".repeat(99), 40).chars().count() <= 40);
    }

    #[test]
    fn lists_read_like_english() {
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
        assert_eq!(listed::<&str>(&[]), "");
    }
}
