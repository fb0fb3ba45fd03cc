//! The form that every row-level policy has.

/// Policies of the app role that are more than columns compared with settings, each reviewed in its migration.
pub(crate) const REVIEWED: [(&str, &str); 1] = [("workspaces", "member")];

/// Whether a condition, as PostgreSQL prints it, is columns that equal a setting, read by a scalar sub-select: once per
/// query, and an unset or emptied setting equals nothing.
pub(crate) fn compares_with_settings(condition: &str) -> bool {
    let setting = |name: &str| {
        format!("( SELECT (NULLIF(current_setting('app.{name}'::text, true), ''::text))::uuid AS \"nullif\")")
    };
    let short = condition.replace(&setting("workspace_id"), "$").replace(&setting("user_id"), "$");
    let inner = short.strip_prefix('(').and_then(|short| short.strip_suffix(')')).unwrap_or_default();
    let alternatives = if inner.starts_with('(') { inner } else { short.as_str() };
    alternatives.split(" OR ").all(|alternative| {
        let column = alternative.strip_prefix('(').and_then(|rest| rest.strip_suffix(" = $)"));
        column.is_some_and(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_forms_of_a_policy_are_recognised() {
        let scalar =
            "( SELECT (NULLIF(current_setting('app.user_id'::text, true), ''::text))::uuid AS \"nullif\")";
        assert!(compares_with_settings(&format!("(user_id = {scalar})")));
        assert!(compares_with_settings(&format!("((user_id = {scalar}) OR (workspace_id = {scalar}))")));
        assert!(!compares_with_settings("(user_id = (current_setting('app.user_id'::text, true))::uuid)"));
        assert!(!compares_with_settings(&format!("((user_id = {scalar}) OR true)")));
        assert!(!compares_with_settings(&format!("((user_id = {scalar}) OR (user_id IS NULL))")));
        assert!(!compares_with_settings(&format!("is_member(user_id, {scalar})")));
        assert!(!compares_with_settings("true"));
    }
}
