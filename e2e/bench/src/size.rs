//! The size of a function, as a binary and as an archive.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// The bytes of a function's binary, and of a zip archive with that binary alone.
pub struct Size {
    pub binary: usize,
    pub zip: usize,
}

/// The headers of an archive and of its one member, which contain the member's name twice (PKWARE's
/// APPNOTE, 4.3.7, 4.3.12 and 4.3.16).
const ZIP_HEADERS: usize = 30 + 46 + 22 + 2 * "bootstrap".len();

pub fn of(bootstrap: &Path) -> Result<Size> {
    let read = || -> io::Result<Size> {
        let mut encoder = DeflateEncoder::new(Counter::default(), Compression::best());
        io::copy(&mut File::open(bootstrap)?, &mut encoder)?;
        let binary = usize::try_from(encoder.total_in()).map_err(io::Error::other)?;
        Ok(Size { binary, zip: encoder.finish()?.0 + ZIP_HEADERS })
    };
    read().with_context(|| format!("cannot read {}", bootstrap.display()))
}

/// Counts the bytes that are written to it.
#[derive(Default)]
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
