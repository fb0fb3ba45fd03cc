//! The outcome as text for people.

use serde_json::Value;
use std::fmt::Write;

/// Columns of the text.
const WIDTH: usize = 100;

/// Foundation, context, campaign, moves and wins, in this order.
pub(super) fn text(outcome: &Value) -> String {
    let mut out = String::new();
    // Writing to a `String` can't fail.
    let _ = write(&mut out, outcome);
    out
}

fn write(out: &mut String, outcome: &Value) -> std::fmt::Result {
    let foundation = &outcome["foundation"];
    heading(out, &format!("Foundation: {}", string(&foundation["company"]["name"])))?;
    paragraph(out, "Mission", &string(&foundation["company"]["mission"]))?;
    paragraph(out, "Offer", &string(&foundation["offer"]["summary"]))?;
    paragraph(out, "Promise", &string(&foundation["offer"]["value_proposition"]))?;
    for pillar in list(&foundation["positioning"]["pillars"]) {
        paragraph(out, "Pillar", &format!("{} — {}", string(&pillar["name"]), string(&pillar["message"])))?;
    }
    for icp in list(&outcome["icps"]) {
        let titles: Vec<_> = list(&icp["titles"]).iter().map(string).collect();
        paragraph(out, "ICP", &format!("{}: {}", string(&icp["name"]), titles.join(", ")))?;
    }
    let context = &outcome["business_context"];
    heading(out, &format!("Business context v{}", context["version"]))?;
    paragraph(out, "Hash", &string(&context["hash"]))?;
    paragraph(out, "Complete", &format!("{} %", context["completeness"]))?;
    campaign(out, outcome)?;
    for m in list(&outcome["moves"]) {
        marketing_move(out, m)?;
    }
    heading(out, "Today's wins")?;
    for win in list(&outcome["daily_wins"]) {
        wrapped(out, "  [ ] ", &string(&win["text"]))?;
    }
    if list(&outcome["daily_wins"]).is_empty() {
        wrapped(out, "  ", "Nothing is due in the next days.")?;
    }
    Ok(())
}

fn campaign(out: &mut String, outcome: &Value) -> std::fmt::Result {
    let (campaign, run) = (&outcome["campaign"], &outcome["run"]);
    heading(out, &format!("Campaign: {}", string(&campaign["name"])))?;
    let period = format!("{} to {}", string(&campaign["starts_on"]), string(&campaign["ends_on"]));
    paragraph(out, "Period", &period)?;
    paragraph(out, "Status", &string(&campaign["status"]))?;
    let channels: Vec<_> = list(&campaign["channels"]).iter().map(string).collect();
    paragraph(out, "Channels", &channels.join(", "))?;
    if let Some(amount) = campaign["budget"]["amount"].as_i64() {
        paragraph(out, "Budget", &money(amount, &string(&campaign["budget"]["currency"])))?;
    }
    let moves = list(&outcome["moves"]).len();
    paragraph(
        out,
        "Run",
        &format!("{} by {}, {moves} moves", string(&run["status"]), string(&run["origin"])),
    )?;
    for refusal in list(&run["output"]["refused"]) {
        let (tactic, rule) = (string(&refusal["tactic"]), string(&refusal["rule"]));
        paragraph(out, "Left out", &format!("{tactic} (you forbid: {rule})"))?;
    }
    Ok(())
}

fn marketing_move(out: &mut String, m: &Value) -> std::fmt::Result {
    writeln!(out)?;
    let lead = format!("{}  {}  ", string(&m["due_on"]), string(&m["channel"]));
    wrapped(out, &lead, &string(&m["title"]))?;
    paragraph(out, "For", &string(&m["audience"]))?;
    paragraph(out, "Objective", &string(&m["objective"]))?;
    paragraph(out, "Brief", &string(&m["brief"]))?;
    for task in list(&m["tasks"]) {
        paragraph(out, "Task", &string(&task["text"]))?;
    }
    if let Some(draft) = m["draft"].as_str() {
        writeln!(out, "  Draft:")?;
        for line in draft.lines() {
            wrapped(out, "    | ", line)?;
        }
    }
    paragraph(out, "Measure", &string(&m["measure"]))?;
    if let Some(amount) = m["budget"]["amount"].as_i64() {
        paragraph(out, "Budget", &money(amount, &string(&m["budget"]["currency"])))?;
    }
    Ok(())
}

fn heading(out: &mut String, title: &str) -> std::fmt::Result {
    writeln!(out, "\n{title}\n{}", "=".repeat(title.chars().count().min(WIDTH)))
}

fn paragraph(out: &mut String, label: &str, text: &str) -> std::fmt::Result {
    if text.is_empty() { Ok(()) } else { wrapped(out, &format!("  {label}: "), text) }
}

/// Words in lines of at most [`WIDTH`] characters, the following lines as far in as the first one's text.
fn wrapped(out: &mut String, lead: &str, text: &str) -> std::fmt::Result {
    let indent = " ".repeat(lead.chars().count());
    let mut line = lead.to_owned();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{}", line.trim_end())?;
            line.clone_from(&indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    writeln!(out, "{}", line.trim_end())
}

fn money(amount: i64, currency: &str) -> String {
    kernel::Currency::from_code(currency).map_or_else(
        || format!("{amount} {currency}"),
        |currency| kernel::Money { amount, currency }.to_string(),
    )
}

fn string(value: &Value) -> String {
    value.as_str().map_or_else(String::new, ToOwned::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn long_texts_are_wrapped_under_their_label() {
        let mut out = String::new();
        paragraph(&mut out, "Brief", &"word ".repeat(40)).unwrap();
        let lines: Vec<_> = out.lines().collect();
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert!(lines[0].starts_with("  Brief: word") && lines[1].starts_with("         word"));
    }

    #[test]
    fn the_report_names_moves_with_day_channel_and_brief_and_the_wins() {
        let outcome = json!({
            "foundation": {"company": {"name": "Acme"}},
            "moves": [{"due_on": "2026-03-04", "channel": "twitter", "title": "Say hello", "brief": "Be kind"}],
            "daily_wins": [{"text": "Ship it"}],
        });
        let text = text(&outcome);
        for part in ["Foundation: Acme", "2026-03-04  twitter  Say hello", "Brief: Be kind", "[ ] Ship it"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
