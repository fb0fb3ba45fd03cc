//! How large a body may be, by area.

/// Limits of areas whose bodies are small by nature. The longest prefix counts; the configured limit is for the rest.
const AREAS: &[(&str, usize)] = &[("/api/v1/auth/", 4 * 1024), ("/api/v1/users/", 16 * 1024)];

/// The limits in force.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    default: usize,
}

impl BodyLimits {
    /// With this limit where no area has a smaller one.
    #[must_use]
    pub const fn new(default: usize) -> Self {
        Self { default }
    }

    /// The limit of a path in bytes.
    #[must_use]
    pub fn of(&self, path: &str) -> usize {
        let area = AREAS
            .iter()
            .filter(|(prefix, _)| path.starts_with(prefix))
            .max_by_key(|(prefix, _)| prefix.len());
        area.map_or(self.default, |(_, limit)| self.default.min(*limit))
    }
}
