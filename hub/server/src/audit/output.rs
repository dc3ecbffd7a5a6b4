//! Where lines go: to the end of a file, or through a pipe that somebody may have stopped reading.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel},
    time::Duration,
};

use super::Side;

/// Where the stream goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// To the end of one file, the lines of all sides together.
    File(PathBuf),
    /// To the files `service.jsonl`, `idp.jsonl` and `person.jsonl` of a folder, one for each side.
    Folder(PathBuf),
    /// To standard output.
    Stdout,
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Folder(path) => path.display().fmt(f),
            Self::Stdout => f.write_str("stdout"),
        }
    }
}

impl Output {
    /// Where the lines of `side` go. A folder is made if it is not there.
    pub(super) fn of(&self, side: Side) -> io::Result<Self> {
        let Self::Folder(folder) = self else {
            return Ok(self.clone());
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
        let name = match side {
            Side::Service => "service.jsonl",
            Side::Idp => "idp.jsonl",
            Side::Person => "person.jsonl",
        };
        Ok(Self::File(folder.join(name)))
    }
}

/// How much of a file's end is looked at for its last line.
const END: u64 = 64 * 1024;
/// How long a pipe may take for one line.
const PATIENCE: Duration = Duration::from_secs(1);

/// An open sink.
pub(super) enum Out {
    File(LogFile),
    Pipe(Pipe),
}

/// What became of a line.
pub(super) enum Written {
    /// It is there.
    Whole,
    /// It is not, or, if `torn`, half of it is.
    Not { torn: bool, error: io::Error },
    /// Nobody knows yet: [`Out::late`] will.
    Late,
}

impl From<Result<(), (bool, io::Error)>> for Written {
    fn from(written: Result<(), (bool, io::Error)>) -> Self {
        match written {
            Ok(()) => Self::Whole,
            Err((torn, error)) => Self::Not { torn, error },
        }
    }
}

impl Out {
    /// Opens `output`; a named pipe is waited for until somebody reads it.
    pub(super) fn open(output: &Output) -> io::Result<Self> {
        match output {
            Output::Stdout => Ok(Self::Pipe(Pipe::new(Box::new(io::stdout())))),
            Output::Folder(_) => Err(io::ErrorKind::IsADirectory.into()),
            Output::File(path) if is_regular(path)? => Ok(Self::File(LogFile::open(path)?)),
            Output::File(path) => {
                let pipe = OpenOptions::new().append(true).open(path)?;
                Ok(Self::Pipe(Pipe::new(Box::new(pipe))))
            }
        }
    }

    /// Writes `line` and its end; where half a line was left there, after that's.
    pub(super) fn write(&mut self, line: &[u8], torn: bool) -> Written {
        match self {
            Self::File(file) => file.write(line, torn).into(),
            Self::Pipe(pipe) => pipe.write(whole(line, torn)),
        }
    }

    /// What became of a line that was late; still [`Written::Late`] if that is not known.
    pub(super) fn late(&mut self) -> Written {
        match self {
            Self::File(_) => Written::Whole,
            Self::Pipe(pipe) => match pipe.done.try_recv() {
                Ok(written) => written.into(),
                Err(TryRecvError::Empty) => Written::Late,
                Err(TryRecvError::Disconnected) => gone(),
            },
        }
    }
}

/// A file that is written to its end, and opened anew when it was moved away: so it is rotated.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    inode: u64,
}

impl LogFile {
    fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).mode(0o600).open(path)?;
        let inode = file.metadata()?.ino();
        let path = path.to_owned();
        Ok(Self { path, file, inode })
    }

    fn write(&mut self, line: &[u8], torn: bool) -> Result<(), (bool, io::Error)> {
        let there = fs::metadata(&self.path).map(|there| there.ino()).ok();
        let moved = there != Some(self.inode);
        if moved {
            *self = Self::open(&self.path).map_err(|error| (torn, error))?;
        }
        all(&mut self.file, &whole(line, torn && !moved), torn && !moved)
    }
}

/// `line` with its end, on a line of its own.
fn whole(line: &[u8], torn: bool) -> Vec<u8> {
    let start: &[u8] = if torn { b"\n" } else { b"" };
    [start, line, b"\n"].concat()
}

/// Writes all of `bytes`; else says whether half a line is left there now, where `torn` says whether it was
/// before.
fn all(out: &mut impl Write, bytes: &[u8], torn: bool) -> Result<(), (bool, io::Error)> {
    let mut left = bytes;
    while !left.is_empty() {
        let begun = left.len() < bytes.len();
        match out.write(left) {
            Ok(0) => return Err((torn || begun, io::ErrorKind::WriteZero.into())),
            Ok(written) => left = left.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err((torn || begun, error)),
        }
    }
    Ok(())
}

/// A pipe, written by a thread of its own: whoever waits for it waits no longer than [`PATIENCE`].
pub(super) struct Pipe {
    lines: SyncSender<Vec<u8>>,
    done: Receiver<Result<(), (bool, io::Error)>>,
}

impl Pipe {
    fn new(mut out: Box<dyn Write + Send>) -> Self {
        let (lines, to_write) = sync_channel::<Vec<u8>>(1);
        let (say, done) = sync_channel(1);
        std::thread::spawn(move || {
            for line in to_write {
                let torn = line.first() == Some(&b'\n');
                let written = all(&mut out, &line, torn);
                let written = written.and_then(|()| out.flush().map_err(|error| (true, error)));
                if say.send(written).is_err() {
                    return;
                }
            }
        });
        Self { lines, done }
    }

    fn write(&self, line: Vec<u8>) -> Written {
        if self.lines.try_send(line).is_err() {
            return gone();
        }
        match self.done.recv_timeout(PATIENCE) {
            Ok(written) => written.into(),
            Err(RecvTimeoutError::Timeout) => Written::Late,
            Err(RecvTimeoutError::Disconnected) => gone(),
        }
    }
}

fn gone() -> Written {
    Written::Not {
        torn: true,
        error: io::Error::other("the thread that writes is gone"),
    }
}

/// The end of a regular file; nothing of a pipe, which would be waited for.
pub(super) fn end_of(output: &Output) -> io::Result<Vec<u8>> {
    let path = match output {
        Output::File(path) if path.exists() && is_regular(path)? => path,
        Output::File(_) | Output::Folder(_) | Output::Stdout => return Ok(Vec::new()),
    };
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(end)
}

/// Whether `path` is a regular file, or will be one.
fn is_regular(path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(there) => Ok(there.is_file()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}
