//! Which library it was: its own words, its soname, and a fingerprint of the file, since distributions patch.

use std::path::{Path, PathBuf};

/// What tells one build of a library from another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LibraryFacts {
    /// What it says of its version, such as `OpenSSL 3.0.22 25 Aug 2026`.
    pub version: String,
    /// The soname that the file has within; the file's name when it has none.
    pub soname: String,
    /// The fingerprint of the file: see [`crate::profiles::hash_of`].
    pub hash: String,
}

/// A library's file that cannot be read.
#[derive(Debug)]
pub struct FileError(PathBuf, std::io::Error);

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.0.display(), self.1)
    }
}

impl std::error::Error for FileError {}

impl LibraryFacts {
    /// The facts of the library in this file that says this of its version.
    ///
    /// # Errors
    ///
    /// When the file cannot be read.
    pub fn of_file(path: &Path, version: &str) -> Result<Self, FileError> {
        let unreadable = |error| FileError(path.to_owned(), error);
        let path = path.canonicalize().map_err(unreadable)?;
        let bytes = std::fs::read(&path).map_err(unreadable)?;
        let named = || path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let hash = format!("{:016x}", crate::pages::fnv1a(bytes.iter().copied()));
        Ok(Self { version: version.to_owned(), soname: soname(&bytes).unwrap_or_else(named), hash })
    }

    /// The release: the second word of the version, such as `3.0.22`.
    #[must_use]
    pub fn release(&self) -> &str {
        self.version.split(' ').nth(1).unwrap_or(&self.version)
    }
}

/// The soname of a 64-bit little-endian ELF file: entry `DT_SONAME` of its dynamic section, an offset into the strings
/// at the virtual address of `DT_STRTAB`. `None`: there is none, or the file is of another kind.
fn soname(file: &[u8]) -> Option<String> {
    // Kinds of segments, and tags of dynamic entries.
    const LOAD: u64 = 1;
    const DYNAMIC: u64 = 2;
    const NULL: u64 = 0;
    const STRTAB: u64 = 5;
    const SONAME: u64 = 14;
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let number = |at: u64, bytes: u64| -> Option<u64> {
        let from = usize::try_from(at).ok()?;
        let field = file.get(from..from.checked_add(usize::try_from(bytes).ok()?)?)?;
        Some(field.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    };
    let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
    // Of each segment: kind, offset in the file, virtual address, bytes in the file.
    let segments = (0..count).filter_map(|n| {
        let at = table.checked_add(n * size)?;
        Some((number(at, 4)?, number(at + 8, 8)?, number(at + 16, 8)?, number(at + 32, 8)?))
    });
    let segments: Vec<_> = segments.collect();
    let (_, dynamic, _, bytes) = segments.iter().find(|(kind, ..)| *kind == DYNAMIC)?;
    let entries = (0..bytes / 16).map_while(|n| Some((number(dynamic + n * 16, 8)?, number(dynamic + n * 16 + 8, 8)?)));
    let entries: Vec<_> = entries.take_while(|(tag, _)| *tag != NULL).collect();
    let value = |tag: u64| entries.iter().find(|(t, _)| *t == tag).map(|(_, value)| *value);
    let (strings, name) = (value(STRTAB)?, value(SONAME)?);
    let (_, offset, address, _) =
        segments.iter().find(|(kind, _, from, bytes)| *kind == LOAD && (*from..from + bytes).contains(&strings))?;
    let from = usize::try_from((strings - address).checked_add(*offset)?.checked_add(name)?).ok()?;
    let name = file.get(from..)?.split(|byte| *byte == 0).next()?;
    Some(String::from_utf8_lossy(name).into_owned())
}
