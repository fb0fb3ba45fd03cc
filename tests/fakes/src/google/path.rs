//! Google's paths.

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// Vertex; else the Gemini Developer API.
    pub(crate) is_vertex: bool,
    pub(crate) publisher: String,
    pub(crate) model: String,
    pub(crate) method: String,
}

pub(crate) fn parsed(path: &str) -> Option<Place> {
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let (is_vertex, publisher, last) = match parts[..] {
        [
            "v1" | "v1beta1",
            "projects",
            project,
            "locations",
            location,
            "publishers",
            publisher,
            "models",
            last,
        ] if !project.is_empty() && !location.is_empty() => (true, publisher, last),
        ["v1" | "v1beta1", "publishers", publisher, "models", last] => (true, publisher, last),
        ["v1" | "v1beta", "models", last] => (false, "google", last),
        _ => return None,
    };
    let (model, method) = last.rsplit_once(':')?;
    let names = !model.is_empty() && !method.is_empty();
    names.then(|| Place {
        is_vertex,
        publisher: publisher.to_owned(),
        model: model.to_owned(),
        method: method.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_apis_and_both_ways_to_name_a_model_are_known() {
        let place = |path: &str| {
            parsed(path).map(|place| (place.is_vertex, place.publisher, place.model, place.method))
        };
        let google = |is_vertex| {
            Some((is_vertex, "google".to_owned(), "gemini-3.8-flash".to_owned(), "countTokens".to_owned()))
        };
        let model = "models/gemini-3.8-flash:countTokens";
        for version in ["v1", "v1beta1"] {
            let long = format!("/{version}/projects/p1/locations/us-central1/publishers/google/{model}");
            assert_eq!(place(&long), google(true));
            assert_eq!(place(&format!("/{version}/publishers/google/{model}")), google(true));
        }
        for version in ["v1", "v1beta"] {
            assert_eq!(place(&format!("/{version}/{model}")), google(false));
        }
        for unknown in
            ["/v1beta1/models/m:count", "/v2/models/m:count", "/v1/models/m", "/v1/models/:count", "/"]
        {
            assert_eq!(place(unknown), None, "{unknown}");
        }
    }
}
