//! Who may depend on whom.

use crate::graph::{Graph, Kind, Package};
use crate::{DOMAIN, none, one, tree};

/// What the kernel and the domain crates may use: data and traits, nothing that talks to the world.
const PURE: [&str; 23] = [
    "async-trait",
    "base64",
    "croner",
    "futures-util",
    "getrandom",
    "hmac",
    "jiff",
    "jsonschema",
    "kernel",
    "minijinja",
    "oxilangtag",
    "schemars",
    "secrecy",
    "serde",
    "serde_json",
    "sha2",
    "subtle",
    "thiserror",
    "toml",
    "totp-rs",
    "tracing",
    "url",
    "uuid",
];

/// Web, SQL, Redis, HTTP and runtime: what no domain crate may reach by any way.
const IMPURE: [&str; 12] = [
    "actix-http",
    "actix-web",
    "deadpool",
    "diesel",
    "diesel-async",
    "hyper",
    "libsqlite3-sys",
    "redis",
    "reqwest",
    "rustls",
    "tokio",
    "tokio-postgres",
];

/// What a program that embeds the domain doesn't want: the web server and the SQL stores.
const WEB_AND_SQL: [&str; 8] = [
    "actix-http",
    "actix-web",
    "diesel",
    "diesel-async",
    "libsqlite3-sys",
    "tokio-postgres",
    "utoipa-actix-web",
    "utoipa-swagger-ui",
];

fn missing(name: &str) -> Vec<String> {
    vec![format!("there is no package {name} in the workspace")]
}

/// The kernel and the domain crates declare nothing but pure crates, and reach nothing else.
fn impure(graph: &Graph, name: &str) -> Vec<String> {
    let Some(package) = graph.member(name) else { return missing(name) };
    let may = |dependency: &str| PURE.contains(&dependency) && dependency != name;
    let declared = package
        .declared
        .iter()
        .filter(|dependency| dependency.kind != Kind::Dev && !may(&dependency.name))
        .map(|dependency| format!("{name} depends on {}: declare a port instead", dependency.name));
    let reached = reached(graph, package, &[Kind::Normal], &IMPURE);
    declared.chain(reached).collect()
}

fn reached(graph: &Graph, from: &Package, kinds: &[Kind], banned: &[&str]) -> Vec<String> {
    graph
        .closure(from, kinds)
        .into_iter()
        .filter(|(package, _)| banned.contains(&package.name.as_str()))
        .map(|(_, way)| format!("{} must not need what it reaches: {way}", from.name))
        .collect()
}

/// The crates don't know the applications, and what ships doesn't contain the tests' packages.
fn upwards(graph: &Graph) -> Vec<String> {
    let mut found = Vec::new();
    for package in graph.members().filter(|package| !package.is_under("tests/")) {
        for (reached, way) in graph.closure(package, &[Kind::Normal, Kind::Build]) {
            let application = reached.is_under("apps/") && package.is_under("crates/");
            if application || reached.is_under("tests/") {
                found.push(format!("{} must not need what it reaches: {way}", package.name));
            }
        }
    }
    found
}

/// Whose feature `testing` is the kernel's, or turns it on.
const TESTING: [&str; 2] = ["kernel", "web"];

/// The kernel's feature `testing` has a maker of scopes; only tests may turn it on.
fn testing_in_the_product(graph: &Graph) -> Vec<String> {
    graph
        .members()
        .filter(|package| !package.is_under("tests/"))
        .flat_map(|package| package.declared.iter().map(move |dependency| (package, dependency)))
        .filter(|(_, dependency)| dependency.kind != Kind::Dev && TESTING.contains(&&*dependency.name))
        .filter(|(_, dependency)| dependency.features.iter().any(|feature| feature == "testing"))
        .map(|(package, _)| {
            format!("{} ships the kernel's feature `testing`: a dev-dependency may", package.name)
        })
        .collect()
}

/// A package that the workspace doesn't list is neither built nor tested, and nobody notices.
/// What needs another toolchain, and so has a workspace of its own.
const APART: [&str; 1] = ["tests/fuzz"];

fn unlisted_packages(paths: &[String], graph: &Graph) -> Vec<String> {
    paths
        .iter()
        .filter_map(|path| path.strip_suffix("/Cargo.toml"))
        .filter(|folder| !APART.contains(folder) && !graph.members().any(|member| member.is_at(folder)))
        .map(|folder| format!("{folder} is not among the members of the workspace: list it in Cargo.toml"))
        .collect()
}

fn embedding_needs_the_web(graph: &Graph) -> Vec<String> {
    let Some(package) = graph.member("embedding") else { return missing("embedding") };
    reached(graph, package, &[Kind::Normal, Kind::Build, Kind::Dev], &WEB_AND_SQL)
}

#[test]
fn domain_crates_are_pure_and_side_by_side() {
    let graph = Graph::of_the_workspace();
    let names = DOMAIN.iter().chain(&["kernel"]);
    none(&names.flat_map(|name| impure(&graph, name)).collect::<Vec<_>>());
}

fn domain() -> Graph {
    Graph::default()
        .with_member("kernel", "crates/kernel/")
        .with_member("bcm", "crates/bcm/")
        .with_member("memory", "crates/adapters/memory/")
        .with_member("raptorflow", "apps/raptorflow/")
        .with_member("conformance", "tests/conformance/")
        .with("kernel", Kind::Normal, "uuid")
        .with("bcm", Kind::Normal, "kernel")
        .with("memory", Kind::Normal, "bcm")
        .with("raptorflow", Kind::Normal, "memory")
}

#[test]
fn a_domain_crate_that_depends_on_another_on_an_adapter_or_on_the_web_is_caught() {
    none(&impure(&domain(), "bcm"));
    none(&impure(&domain().with("bcm", Kind::Dev, "memory").with("bcm", Kind::Dev, "tokio"), "bcm"));
    one(&impure(&domain().with("bcm", Kind::Normal, "campaign"), "bcm"), "bcm depends on campaign");
    one(&impure(&domain().with("bcm", Kind::Build, "memory"), "bcm"), "bcm depends on memory");
    one(&impure(&domain().with("kernel", Kind::Normal, "bcm"), "kernel"), "kernel depends on bcm");
    one(&impure(&domain().with("uuid", Kind::Normal, "tokio"), "bcm"), "bcm > kernel > uuid > tokio");
    one(&impure(&domain(), "agents"), "no package agents");
}

#[test]
fn adapters_know_no_application_and_the_product_no_test_package() {
    none(&upwards(&Graph::of_the_workspace()));
}

#[test]
fn an_adapter_that_reaches_an_application_or_a_test_package_is_caught() {
    none(&upwards(&domain()));
    let adapter = Graph::default()
        .with_member("memory", "crates/adapters/memory/")
        .with_member("raptorflow", "apps/raptorflow/")
        .with("memory", Kind::Normal, "between")
        .with("between", Kind::Normal, "raptorflow");
    one(&upwards(&adapter), "memory > between > raptorflow");
    none(&upwards(&domain().with("raptorflow", Kind::Dev, "conformance")));
    one(&upwards(&domain().with("raptorflow", Kind::Normal, "conformance")), "raptorflow > conformance");
}

#[test]
fn only_tests_turn_on_the_feature_testing_of_the_kernel() {
    none(&testing_in_the_product(&Graph::of_the_workspace()));
}

#[test]
fn the_feature_testing_in_the_product_is_caught() {
    let with = |name, kind| domain().with_features(name, kind, "kernel", &["testing"]);
    none(&testing_in_the_product(&with("memory", Kind::Dev)));
    none(&testing_in_the_product(&with("conformance", Kind::Normal)));
    one(&testing_in_the_product(&with("memory", Kind::Normal)), "memory ships");
    let by_web = domain().with_features("memory", Kind::Normal, "web", &["testing"]);
    one(&testing_in_the_product(&by_web), "memory ships");
}

#[test]
fn every_package_is_a_member_of_the_workspace() {
    none(&unlisted_packages(&tree::paths(), &Graph::of_the_workspace()));
}

#[test]
fn a_package_that_the_workspace_does_not_list_is_caught() {
    let paths = ["Cargo.toml", "crates/bcm/Cargo.toml", "tests/load/Cargo.toml"].map(str::to_owned);
    none(&unlisted_packages(&paths[..2], &domain()));
    one(&unlisted_packages(&paths, &domain()), "tests/load");
}

#[test]
fn a_program_can_embed_the_domain_without_web_and_sql() {
    none(&embedding_needs_the_web(&Graph::of_the_workspace()));
}

#[test]
fn an_embedding_program_that_drags_in_the_web_or_sql_is_caught() {
    let embedding =
        || domain().with_member("embedding", "tests/embedding/").with("embedding", Kind::Dev, "memory");
    none(&embedding_needs_the_web(&embedding()));
    let sql = embedding().with("memory", Kind::Normal, "diesel");
    one(&embedding_needs_the_web(&sql), "embedding > memory > diesel");
    one(&embedding_needs_the_web(&domain()), "no package embedding");
}
