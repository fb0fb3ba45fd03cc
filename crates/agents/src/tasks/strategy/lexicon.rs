//! Words: stems, related words, and the little grammar that is needed to put phrases into sentences.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataFile {
    verbs: String,
    after_noun: Vec<String>,
    clause_starts: Vec<String>,
    names: Vec<String>,
    stop_words: Vec<String>,
    concepts: BTreeMap<String, Vec<String>>,
    emphasis: BTreeMap<String, Vec<String>>,
}

/// Knowledge of English, from `data/strategy/lexicon.toml`.
pub(crate) struct Lexicon {
    verbs: HashSet<String>,
    after_noun: HashSet<String>,
    clause_starts: HashSet<String>,
    names: HashSet<String>,
    stop_words: HashSet<String>,
    /// Concept by stem; a stem may belong to several.
    concepts: BTreeMap<String, BTreeSet<String>>,
    emphasis: BTreeMap<String, BTreeSet<String>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the program; a test parses it")]
    let file: DataFile =
        toml::from_str(include_str!("../../../data/strategy/lexicon.toml")).expect("lexicon.toml is valid");
    Lexicon {
        verbs: file.verbs.split_whitespace().map(str::to_owned).collect(),
        after_noun: file.after_noun.into_iter().collect(),
        clause_starts: file.clause_starts.into_iter().collect(),
        names: file.names.into_iter().collect(),
        stop_words: file.stop_words.into_iter().collect(),
        concepts: by_stem(&file.concepts),
        emphasis: by_stem(&file.emphasis),
    }
});

fn by_stem(groups: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, BTreeSet<String>> {
    let mut stems: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (group, words) in groups {
        for word in words {
            stems.entry(stem(word)).or_default().insert(group.clone());
        }
    }
    stems
}

/// The lexicon that comes with the program.
pub(crate) fn lexicon() -> &'static Lexicon {
    &LEXICON
}

impl Lexicon {
    pub(crate) fn is_verb(&self, word: &str) -> bool {
        self.verbs.contains(word)
    }

    /// Whether the word is the third person of a verb ("combines", "carries").
    pub(crate) fn is_third_person(&self, word: &str) -> bool {
        let Some(base) = word.strip_suffix('s') else { return false };
        let y = base.strip_suffix("ie").map(|stem| format!("{stem}y"));
        self.is_verb(base)
            || y.is_some_and(|verb| self.is_verb(&verb))
            || base.strip_suffix('e').is_some_and(|verb| self.is_verb(verb))
    }

    pub(crate) fn follows_noun(&self, word: &str) -> bool {
        self.after_noun.contains(word)
    }

    pub(crate) fn starts_clause(&self, word: &str) -> bool {
        self.clause_starts.contains(word)
    }

    pub(crate) fn is_name(&self, word: &str) -> bool {
        self.names.contains(word)
    }

    /// How much two phrases are about the same thing: two for a shared word, three for a shared concept.
    pub(crate) fn likeness(&self, a: &str, b: &str) -> u32 {
        let (a, b) = (self.content_stems(a), self.content_stems(b));
        let words = a.intersection(&b).count();
        let (a, b) = (self.concepts_of(&a), self.concepts_of(&b));
        let concepts = a.intersection(&b).count();
        u32::try_from(words * 2 + concepts * 3).unwrap_or(u32::MAX)
    }

    fn concepts_of(&self, stems: &BTreeSet<String>) -> BTreeSet<String> {
        stems.iter().filter_map(|stem| self.concepts.get(stem)).flatten().cloned().collect()
    }

    /// Stems of the words that carry meaning; hyphenated words stay whole.
    pub(crate) fn content_stems(&self, text: &str) -> BTreeSet<String> {
        let text = normalised(text);
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '\'');
        words
            .map(|word| word.trim_matches(['-', '\'']))
            .filter(|word| !word.is_empty() && !self.stop_words.contains(*word))
            .map(stem)
            .collect()
    }

    /// Stems, in order, of the words that carry meaning; hyphenated words are split.
    pub(crate) fn content_sequence(&self, text: &str) -> Vec<String> {
        let words = normalised(text);
        let words = words.split(|c: char| !c.is_alphanumeric() && c != '\'');
        words.filter(|word| !word.is_empty() && !self.stop_words.contains(*word)).map(stem).collect()
    }

    /// How many words of a text speak for a stage of the funnel, by the stage's name.
    pub(crate) fn emphasis(&self, text: &str) -> BTreeMap<String, u32> {
        let mut counts = BTreeMap::new();
        for stem in self.content_stems(text) {
            for stage in self.emphasis.get(&stem).into_iter().flatten() {
                *counts.entry(stage.clone()).or_insert(0) += 1;
            }
        }
        counts
    }
}

fn normalised(text: &str) -> String {
    text.to_lowercase().replace('’', "'").replace("e-mail", "email")
}

/// Stems of all words in order; hyphens separate words, so that "third-party" and "third party" are alike.
pub(crate) fn stems(text: &str) -> Vec<String> {
    normalised(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(stem).collect()
}

/// Whether `phrase` occurs in `text` as neighbouring words.
pub(crate) fn occurs(text: &[String], phrase: &[String]) -> bool {
    !phrase.is_empty() && text.windows(phrase.len()).any(|window| window == phrase)
}

/// A crude stem: the commonest English endings are cut off, so that "trackers" and "tracker" meet.
pub(crate) fn stem(word: &str) -> String {
    let long = |rest: &str| rest.chars().count() >= 3;
    if let Some(rest) = word.strip_suffix("ies").filter(|rest| long(rest)) {
        return format!("{rest}y");
    }
    let base = match word.strip_suffix('s') {
        Some(rest) if rest.chars().count() >= 2 && !rest.ends_with(['s', 'u']) => rest,
        _ => word,
    };
    let base =
        ["ing", "ed"].iter().find_map(|end| base.strip_suffix(end).filter(|rest| long(rest))).unwrap_or(base);
    base.strip_suffix('e').filter(|rest| long(rest)).unwrap_or(base).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_family_share_a_stem() {
        for (a, b) in
            [("trackers", "tracker"), ("sharing", "shared"), ("companies", "company"), ("fees", "fee")]
        {
            assert_eq!(stem(a), stem(b));
        }
    }

    #[test]
    fn a_phrase_occurs_only_as_neighbouring_words() {
        let text = stems("No third-party trackers, please");
        assert!(occurs(&text, &stems("third party tracker")));
        assert!(!occurs(&text, &stems("third tracker")));
        assert!(!occurs(&text, &[]));
    }

    #[test]
    fn phrases_about_one_thing_are_alike_without_sharing_words() {
        assert!(lexicon().likeness("exorbitant fees", "free to start") >= 3);
        assert_eq!(lexicon().likeness("exorbitant fees", "session recordings"), 0);
    }
}
