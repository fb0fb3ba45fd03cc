//! The workspace's dependencies, as `cargo metadata` tells them.

use crate::tree;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Build,
    Dev,
}

impl Kind {
    fn of(name: Option<&str>) -> Self {
        match name {
            None => Self::Normal,
            Some("build") => Self::Build,
            Some("dev") => Self::Dev,
            Some(other) => panic!("cargo has a new kind of dependency: {other}"),
        }
    }
}

#[derive(Debug, Default)]
pub struct Package {
    pub name: String,
    /// Relative to the repository, with a `/` at its end; `None` for a package of a registry.
    pub folder: Option<String>,
    /// What the manifest asks for: on every platform, optional or not.
    pub declared: Vec<Declared>,
    /// What that means on this platform: the packages' ids.
    resolved: Vec<(String, Kind)>,
}

impl Package {
    pub fn is_under(&self, folder: &str) -> bool {
        self.folder.as_ref().is_some_and(|own| own.starts_with(folder))
    }

    pub fn is_at(&self, folder: &str) -> bool {
        self.folder.as_ref().is_some_and(|own| own.trim_end_matches('/') == folder)
    }
}

#[derive(Debug)]
pub struct Declared {
    pub name: String,
    pub kind: Kind,
    pub features: Vec<String>,
}

/// Packages by id.
#[derive(Debug, Default)]
pub struct Graph(BTreeMap<String, Package>);

impl Graph {
    /// The packages of the repository.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.0.values().filter(|package| package.folder.is_some())
    }

    pub fn member(&self, name: &str) -> Option<&Package> {
        self.members().find(|package| package.name == name)
    }

    /// The packages that are compiled into this one, each with the way to it ("kernel > uuid"). Its own
    /// dependencies are of the given kinds; theirs are normal ones.
    pub fn closure<'a>(&'a self, package: &'a Package, kinds: &[Kind]) -> Vec<(&'a Package, String)> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        let mut next = VecDeque::from([(package, package.name.clone(), kinds)]);
        while let Some((at, way, kinds)) = next.pop_front() {
            for (id, _) in at.resolved.iter().filter(|(_, kind)| kinds.contains(kind)) {
                let package = &self.0[id];
                if seen.insert(id) {
                    let way = format!("{way} > {}", package.name);
                    found.push((package, way.clone()));
                    next.push_back((package, way, &[Kind::Normal]));
                }
            }
        }
        found
    }

    pub fn of_the_workspace() -> Self {
        let host = run(&["-vV"]);
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        Self::parse(&run(&["metadata", "--format-version=1", "--locked", "--filter-platform", host]))
    }

    fn parse(metadata: &str) -> Self {
        let metadata: Metadata = serde_json::from_str(metadata).unwrap();
        let mut graph = Self::default();
        for package in metadata.packages {
            let folder = metadata.workspace_members.contains(&package.id).then(|| {
                let manifest = package.manifest_path.strip_prefix(&metadata.workspace_root).unwrap();
                manifest.trim_start_matches('/').trim_end_matches("Cargo.toml").to_owned()
            });
            let declared = package.dependencies.into_iter().map(|dependency| Declared {
                name: dependency.name,
                kind: Kind::of(dependency.kind.as_deref()),
                features: dependency.features,
            });
            let declared = declared.collect();
            graph.0.insert(package.id, Package { name: package.name, folder, declared, resolved: vec![] });
        }
        for node in metadata.resolve.nodes {
            let resolved = node.deps.into_iter().flat_map(|dependency| {
                let pkg = dependency.pkg;
                dependency.dep_kinds.into_iter().map(move |k| (pkg.clone(), Kind::of(k.kind.as_deref())))
            });
            graph.0.get_mut(&node.id).unwrap().resolved = resolved.collect();
        }
        graph
    }

    /// For made-up graphs: a package of the repository.
    pub fn with_member(mut self, name: &str, folder: &str) -> Self {
        self.entry(name).folder = Some(folder.to_owned());
        self
    }

    /// For made-up graphs: a dependency, declared and resolved.
    pub fn with(self, name: &str, kind: Kind, on: &str) -> Self {
        self.with_features(name, kind, on, &[])
    }

    pub fn with_features(mut self, name: &str, kind: Kind, on: &str, features: &[&str]) -> Self {
        self.entry(on);
        let features = features.iter().map(|feature| (*feature).to_owned()).collect();
        let package = self.entry(name);
        package.declared.push(Declared { name: on.to_owned(), kind, features });
        package.resolved.push((on.to_owned(), kind));
        self
    }

    fn entry(&mut self, name: &str) -> &mut Package {
        let package = self.0.entry(name.to_owned()).or_default();
        name.clone_into(&mut package.name);
        package
    }
}

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(tree::root()).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    resolve: Resolve,
    workspace_members: BTreeSet<String>,
    workspace_root: String,
}

#[derive(Deserialize)]
struct MetadataPackage {
    id: String,
    name: String,
    manifest_path: String,
    dependencies: Vec<MetadataDependency>,
}

#[derive(Deserialize)]
struct MetadataDependency {
    name: String,
    kind: Option<String>,
    features: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<NodeDependency>,
}

#[derive(Deserialize)]
struct NodeDependency {
    pkg: String,
    dep_kinds: Vec<NodeKind>,
}

#[derive(Deserialize)]
struct NodeKind {
    kind: Option<String>,
}

#[test]
fn cargo_metadata_is_understood() {
    let graph = Graph::of_the_workspace();
    let own = graph.member("architecture").unwrap();
    assert_eq!(own.folder.as_deref(), Some("tests/architecture/"));
    assert!(own.declared.iter().any(|d| d.name == "serde_json" && d.kind == Kind::Dev));
    assert!(graph.closure(own, &[Kind::Normal]).is_empty(), "it has nothing but tests");
    let ways: Vec<String> = graph.closure(own, &[Kind::Dev]).into_iter().map(|(_, way)| way).collect();
    assert!(ways.contains(&"architecture > serde_json > itoa".to_owned()), "{ways:?}");
}
