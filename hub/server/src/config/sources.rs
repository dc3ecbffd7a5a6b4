//! The texts that a configuration is read from: files of a directory, and secrets by reference.

use std::{collections::BTreeMap, fs, path::Path, path::PathBuf};

use hub_document::ConfigProblem;

use crate::process;

/// The configuration's files by name, and where `env:` and `file:` references lead.
#[derive(Debug, Default)]
pub struct Sources {
    files: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    directory: Option<PathBuf>,
    held: BTreeMap<String, Vec<u8>>,
    theme: BTreeMap<String, Vec<u8>>,
}

impl Sources {
    /// Reads `hub.toml`, `idps/*.toml`, `services/*.toml` and `data-providers/*.toml` under `directory`. `environment` answers
    /// `env:` references.
    ///
    /// # Errors
    /// A fault for each file that cannot be read.
    pub fn from_directory(
        directory: &Path,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let mut names = vec!["hub.toml".to_owned()];
        for folder in ["idps", "services", "data-providers"] {
            // A folder that is not there has no files; a directory without hub.toml is the fault.
            let entries = fs::read_dir(directory.join(folder))
                .into_iter()
                .flatten()
                .flatten();
            let toml = entries
                .filter_map(|entry| entry.file_name().into_string().ok())
                .filter(|name| {
                    Path::new(name).extension().is_some_and(|end| end == "toml")
                        && !name.starts_with('.')
                });
            names.extend(toml.map(|name| format!("{folder}/{name}")));
        }
        let mut files = BTreeMap::new();
        for name in names {
            match fs::read_to_string(directory.join(&name)) {
                Ok(text) => {
                    files.insert(name, text);
                }
                Err(error) => {
                    let remedy = format!("cannot be read in {}: {error}", directory.display());
                    problems.push(ConfigProblem::of_file(&name, remedy));
                }
            }
        }
        let theme = theme(&directory.join("theme"), &mut problems);
        let directory = Some(directory.to_owned());
        let held = BTreeMap::new();
        if problems.is_empty() {
            Ok(Self {
                files,
                environment,
                directory,
                held,
                theme,
            })
        } else {
            Err(problems)
        }
    }

    /// A configuration that is held in memory: `files` by name, `held` for `file:` references.
    #[must_use]
    pub fn held(files: BTreeMap<String, String>, held: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            files,
            environment: BTreeMap::new(),
            directory: None,
            held,
            theme: BTreeMap::new(),
        }
    }

    /// The files of the operator's theme, by name.
    #[must_use]
    pub const fn theme(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.theme
    }

    /// The text of one file; empty if it is not there.
    #[must_use]
    pub fn file(&self, name: &str) -> &str {
        self.files.get(name).map_or("", String::as_str)
    }

    /// The files of a folder, by name.
    pub fn folder(&self, folder: &'static str) -> impl Iterator<Item = (&String, &String)> {
        let inside = move |name: &str| {
            name.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        self.files.iter().filter(move |(name, _)| inside(name))
    }

    /// A path of the configuration: relative to the directory.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        let directory = self.directory.as_deref().unwrap_or_else(|| Path::new("."));
        directory.join(path)
    }

    /// The bytes behind `env:NAME` or `file:PATH`, which are a secret; a path is relative to the directory.
    ///
    /// # Errors
    /// What is wrong with the reference, or who else can read the file. What it leads to is never in the
    /// message.
    pub fn resolve(&self, reference: &str) -> Result<Vec<u8>, String> {
        let bytes = self.resolve_public(reference)?;
        let file = reference.strip_prefix("file:");
        let on_disk = file.filter(|path| !self.held.contains_key(*path));
        match on_disk.and_then(|path| Some((path, process::readable_by_others(&self.path(path))?)))
        {
            None => Ok(bytes),
            Some((path, others)) => Err(format!(
                "{path} holds a secret, and {others} can read it: chmod 600"
            )),
        }
    }

    /// The bytes behind `env:NAME` or `file:PATH`, which anybody may read: a public key.
    ///
    /// # Errors
    /// What is wrong with the reference.
    pub fn resolve_public(&self, reference: &str) -> Result<Vec<u8>, String> {
        if let Some(name) = reference.strip_prefix("env:") {
            let value = self.environment.get(name).filter(|value| !value.is_empty());
            return value
                .map(|value| value.clone().into_bytes())
                .ok_or_else(|| format!("the environment variable {name} is not set: set it"));
        }
        let Some(path) = reference.strip_prefix("file:") else {
            return Err(
                "expected env:NAME or file:PATH: a secret is never written here".to_owned(),
            );
        };
        if let Some(bytes) = self.held.get(path) {
            return Ok(bytes.clone());
        }
        fs::read(self.path(path)).map_err(|error| {
            format!("{path} cannot be read ({error}): make it, `lethe keys new` makes keys")
        })
    }

    /// Whether there is something behind a `file:` reference, readable or not.
    #[must_use]
    pub fn has(&self, reference: &str) -> bool {
        let path = reference.strip_prefix("file:");
        path.is_some_and(|path| self.held.contains_key(path) || self.path(path).exists())
    }

    /// The text behind a reference, without the line end that editors leave.
    ///
    /// # Errors
    /// As [`Sources::resolve`], or if it is no UTF-8.
    pub fn resolve_text(&self, reference: &str) -> Result<String, String> {
        let bytes = self.resolve(reference)?;
        let text = String::from_utf8(bytes).map_err(|_utf8| format!("{reference} is not UTF-8"))?;
        let text = text.trim_end_matches(['\r', '\n']).to_owned();
        if text.is_empty() {
            Err(format!("{reference} is empty"))
        } else {
            Ok(text)
        }
    }
}

/// The style sheet and the pictures of `theme/`, if there is one.
fn theme(folder: &Path, problems: &mut Vec<ConfigProblem>) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if hub_templates::media_type(&name).is_none() {
            let remedy = "no part of a theme: theme.css, and pictures named *.svg or *.png";
            problems.push(ConfigProblem::of_file(&format!("theme/{name}"), remedy));
            continue;
        }
        match fs::read(entry.path()) {
            Ok(bytes) => {
                files.insert(name, bytes);
            }
            Err(error) => {
                let remedy = format!("cannot be read: {error}");
                problems.push(ConfigProblem::of_file(&format!("theme/{name}"), remedy));
            }
        }
    }
    files
}
