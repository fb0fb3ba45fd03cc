//! Reads values against the table and collects everything that is wrong.

use super::settings::{LATER, SETTINGS, row};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Names and values, as the process's environment has them.
pub type Values = BTreeMap<String, String>;

/// Everything that is wrong with the configuration; never empty. Names variables, never values of secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration has {} problem(s):\n{}", .0.len(), .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigProblems(pub Vec<String>);

/// Takes values out of the environment, noting each problem.
pub(super) struct Reader<'v> {
    values: &'v Values,
    problems: Vec<String>,
}

impl<'v> Reader<'v> {
    pub(super) const fn new(values: &'v Values) -> Self {
        Self { values, problems: Vec::new() }
    }

    /// What was set under this name or an alias; an empty value is as good as none.
    pub(super) fn given(&self, name: &str) -> Option<&'v str> {
        let aliases = row(name).map_or(&[][..], |setting| setting.aliases);
        let filled = |name: &str| self.values.get(name).map(|v| v.trim()).filter(|v| !v.is_empty());
        filled(name).or_else(|| aliases.iter().find_map(|alias| filled(alias)))
    }

    /// What was set, or the default of the table.
    pub(super) fn text(&self, name: &str) -> Option<&'v str> {
        self.given(name).or_else(|| row(name).and_then(|setting| setting.default))
    }

    /// The parsed value; the problem is noted as `NAME: reason`.
    pub(super) fn parse<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        match parse(self.text(name)?) {
            Ok(value) => Some(value),
            Err(reason) => {
                self.problem(name, &reason);
                None
            }
        }
    }

    /// A number within bounds.
    pub(super) fn number<N: FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        name: &str,
        bounds: std::ops::RangeInclusive<N>,
    ) -> Option<N> {
        self.parse(name, |text| {
            let number = text.parse().ok().filter(|number| bounds.contains(number));
            number
                .ok_or_else(|| format!("must be a whole number from {} to {}", bounds.start(), bounds.end()))
        })
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.parse(name, |text| match text.to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Ok(true),
            "false" | "0" | "no" | "off" => Ok(false),
            _ => Err("must be true or false".to_owned()),
        })
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.parse(name, |text| {
            let chosen = choices.iter().find(|(word, _)| word.eq_ignore_ascii_case(text));
            let words = || choices.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            chosen.map(|(_, value)| *value).ok_or_else(|| format!("must be one of {}", words()))
        })
    }

    pub(super) fn problem(&mut self, name: &str, reason: &str) {
        self.problems.push(format!("{name}: {reason}"));
    }

    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, ConfigProblems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(ConfigProblems(self.problems)),
        }
    }
}

/// Set names that are no setting but one slip of the keyboard away from one.
pub(super) fn slips(values: &Values) -> Vec<String> {
    let known = || {
        let settings = SETTINGS.iter().flat_map(|s| s.aliases.iter().copied().chain([s.name]));
        settings.chain(LATER.iter().map(|later| later.name))
    };
    let unknown = values.keys().filter(|name| known().all(|k| k != name.as_str()));
    unknown
        .filter_map(|name| Some((name, known().find(|k| one_edit_apart(name, k))?)))
        .map(|(name, meant)| format!("{name} is no setting; did you mean {meant}?"))
        .collect()
}

/// Whether one character inserted, left out, replaced or swapped with its neighbour makes `a` of `b`.
fn one_edit_apart(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[start..], &b[start..]);
    let rest_equal =
        |skip_a: usize, skip_b: usize| a.get(skip_a..).is_some() && a.get(skip_a..) == b.get(skip_b..);
    let swapped = a.len() > 1 && b.len() > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..];
    rest_equal(1, 1) || rest_equal(1, 0) || rest_equal(0, 1) || swapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_recognised_and_two_are_not() {
        for slip in ["DATABSE_URL", "DATABASE_URLS", "DATABASE_URI", "DATABAES_URL"] {
            assert!(one_edit_apart(slip, "DATABASE_URL"), "{slip}");
        }
        for other in ["DATABASE_URL", "DATA_URL", "DATABASE", "XDATABASE_URLX"] {
            assert!(!one_edit_apart(other, "DATABASE_URL"), "{other}");
        }
    }

    #[test]
    fn no_two_settings_are_one_slip_apart() {
        let names: Vec<_> = SETTINGS.iter().map(|s| s.name).chain(LATER.iter().map(|l| l.name)).collect();
        for (i, a) in names.iter().enumerate() {
            assert!(names[i + 1..].iter().all(|b| a != b), "{a} is listed twice");
        }
    }
}
