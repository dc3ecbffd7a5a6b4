//! What the hub asks of the operating system for its own process: no core dumps, enough open files.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, geteuid, getrlimit, set_dumpable_behavior, setrlimit,
};

/// Open files beside connections: the store, identity providers, files, listeners.
const OTHER_FILES: usize = 512;

/// Forbids core dumps and reading of the process's memory by others of the same user: keys and people's
/// identities are in it.
///
/// # Errors
/// What the operating system refused.
pub fn forbid_core_dumps() -> Result<(), std::io::Error> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    Ok(set_dumpable_behavior(DumpableBehavior::NotDumpable)?)
}

/// Raises the soft limit of open files to the hard one, and returns how many connections of the wanted number
/// that leaves room for.
#[must_use]
pub fn make_room_for(connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    room(getrlimit(Resource::Nofile).current).min(connections)
}

/// A warning if the operating system does not let this process open as many connections as wanted.
#[must_use]
pub fn file_limit_warning(connections: usize) -> Option<String> {
    let room = room(getrlimit(Resource::Nofile).maximum);
    (room < connections).then(|| {
        format!(
            "`limits.connections` is {connections}, and the limit of open files leaves room for {room}: raise it \
             to {} (ulimit -n, LimitNOFILE= of systemd), or lower `limits.connections`",
            connections + OTHER_FILES
        )
    })
}

/// Who can read the file at `path` beside its owner, if somebody can who need not.
///
/// The group counts only where the file belongs to this process's own user. A secret that belongs to another
/// user and is readable through a group of this process is how Kubernetes hands secrets over (`fsGroup`).
#[must_use]
pub fn readable_by_others(path: &Path) -> Option<&'static str> {
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let is_ours = file.uid() == geteuid().as_raw();
    match file.mode() {
        mode if mode & 0o007 != 0 => Some("every user of this machine"),
        mode if mode & 0o070 != 0 && is_ours => Some("every user of its group"),
        _ => None,
    }
}

/// The connections that a limit of open files leaves room for.
fn room(files: Option<u64>) -> usize {
    let files = files.map_or(usize::MAX, |files| {
        usize::try_from(files).unwrap_or(usize::MAX)
    });
    files.saturating_sub(OTHER_FILES).max(16)
}
