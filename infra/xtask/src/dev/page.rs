//! The page as `trunk serve` builds and serves it, again after each save.

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::log::Log;
use crate::process::{self, Group};
use crate::setup::{self, PageTools};
use crate::step::Step;
use crate::{interrupt, paths, ports, ui};

pub struct Page {
    port: u16,
    log: Log,
    group: Group,
}

impl Page {
    pub fn serve(tools: &PageTools, port: u16, config: &str) -> Result<Self> {
        setup::npm_packages(&paths::frontend())?;
        let mut trunk = tools.trunk();
        trunk
            .args(["serve", "--port", &port.to_string(), "--disable-address-lookup", "true"])
            .env("EVENTS_CONFIG", config);
        let output = process::both_outputs(&mut trunk)?;
        let group = Group::spawn(&mut trunk)?.guarded()?;
        Ok(Self { port, log: Log::read(output), group })
    }

    /// Waits until trunk answers. It does when its first build has ended, well or not.
    pub fn wait_until_served(&mut self) -> Result<()> {
        let mut step = Step::start("building the page", Some("the first time takes some minutes"));
        while !ports::listening(self.port) {
            if let Some(status) = self.ended()? {
                self.log.show(true);
                bail!("trunk, which serves the page, ended with {status}; what it wrote is above");
            }
            step.alive(&self.log.last());
            interrupt::sleep(Duration::from_millis(100))?;
        }
        let broken = self.log.plain().lines().any(|line| line.starts_with("error"));
        self.log.show(broken);
        if broken {
            ui::error("the page does not build yet, see above; it is built again when you save");
        } else {
            step.done();
        }
        Ok(())
    }

    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.group.ended()
    }
}
