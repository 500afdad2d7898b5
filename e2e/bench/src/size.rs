//! How large a function is, as a file and on its way to Lambda.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Bytes of a function's binary, and of the archive that holds it alone.
pub struct Size {
    pub binary: usize,
    pub zip: usize,
}

/// What an archive says of its one member, whose name stands there twice, and of itself (PKWARE's APPNOTE,
/// 4.3.7, 4.3.12 and 4.3.16).
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

/// Counts what is written to it.
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
