//! `cargo xtask dev`: the whole app on this machine, following what is edited.

mod page;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build::{self, Functions, LocalStage, Membership, Profile};
use crate::interrupt::{self, Interrupted};
use crate::runner::{self, Runner};
use crate::server::Server;
use crate::setup::{self, PageTools};
use crate::step::Step;
use crate::{paths, ports, sign_in, ui};
use page::Page;
use watch::Watch;

/// What the functions and the stack are made of. The page's sources are watched by trunk.
const WATCHED: [&str; 8] = [
    "Cargo.toml",
    "backend/api/Cargo.toml",
    "backend/api/src",
    "backend/domain/Cargo.toml",
    "backend/domain/src",
    "infra/bin",
    "infra/cdk.json",
    "infra/lib",
];

/// Run the app on this machine: the page on port 8080, the API on port 3000.
///
/// Installs what is missing, builds, and runs the synthesized stack with the real functions. Saved
/// changes of the page are built and shown; those of backend/ and infra/ are built and swapped in
/// while it runs. Ctrl-C ends it.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// Serve the release build as it is deployed, with the stack's own headers; watches nothing
    #[arg(long)]
    release: bool,
    /// Port of the page
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = ports::WEB_PORT,
        value_parser = clap::value_parser!(u16).range(1..),
    )]
    web_port: u16,
    /// Port of the API
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = ports::API_PORT,
        value_parser = clap::value_parser!(u16).range(1..),
    )]
    api_port: u16,
    /// Keep the events in this directory [default: .local/data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep events in memory; lost on exit
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Let only the functions use the table: no key of it is printed
    #[arg(long)]
    locked: bool,
    /// Run without this part of CORS, to see what the other does alone; may be given twice
    #[arg(long, value_name = "PART", value_parser = ["gateway-cors", "allowed-origins"])]
    without: Vec<String>,
    /// Let only who is signed in create and delete; development accounts, without passwords
    #[arg(long)]
    sign_in: bool,
    /// Port of the sign-in provider
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = ports::SIGN_IN_PORT,
        value_parser = clap::value_parser!(u16).range(1..),
        requires = "sign_in",
    )]
    sign_in_port: u16,
}

impl Options {
    fn data(&self) -> Result<Option<PathBuf>> {
        Ok(match &self.data {
            _ if self.memory => None,
            Some(dir) => Some(std::path::absolute(dir)?),
            None => Some(paths::local()?.join("data")),
        })
    }

    fn sign_in(&self) -> Option<sign_in::Ports> {
        let Self { web_port: web, api_port: api, sign_in_port: sign_in, .. } = *self;
        self.sign_in.then_some(sign_in::Ports { web, api, sign_in })
    }
}

pub fn run(options: &Options) -> Result<()> {
    if options.web_port == options.api_port {
        bail!(
            "the page and the API need two ports: --web-port and --api-port are both {}",
            options.api_port
        );
    }
    ports::require_free(options.web_port, "--web-port")?;
    ports::require_free(options.api_port, "--api-port")?;
    if let Some(sign_in) = options.sign_in() {
        if [sign_in.web, sign_in.api].contains(&sign_in.sign_in) {
            bail!("--sign-in-port {} is the port of the page or of the API", sign_in.sign_in);
        }
        ports::require_free(sign_in.sign_in, "--sign-in-port")?;
    }
    setup::require_node()?;
    setup::npm_packages(&paths::infra())?;
    if options.sign_in {
        sign_in::packages()?;
    }
    setup::crates()?;

    let assembly = Assembly::new(options)?;
    let result =
        if options.release { release(options, &assembly) } else { edit(options, &assembly) };
    match result {
        Err(error) if error.is::<Interrupted>() => {
            ui::clear_status();
            ui::line("stopped");
            Ok(())
        }
        other => other,
    }
}

/// Serves the release build.
fn release(options: &Options, assembly: &Assembly) -> Result<()> {
    let tools = PageTools::for_release()?;
    let functions = build::functions(Profile::Release)?;
    assembly.synthesize(&functions, Some(&build::site(&tools)?))?;
    let data = options.data()?;
    let mut running = start(options, &functions, assembly, data.as_deref())?;
    api_is_up(options, data.as_deref(), &running.runner);
    page_is_up(options);
    ui::line("Ctrl-C ends it. A change needs a new start.");
    running.show_logs();
    running.attend(None, assembly)
}

/// Runs the functions, then the page, for which more tools are needed, and follows what is edited.
fn edit(options: &Options, assembly: &Assembly) -> Result<()> {
    // Looked at before anything is built from it: an edit in between must not be missed.
    let watch = Watch::new(paths::root(), &WATCHED);
    let functions = build::functions(Profile::Dev)?;
    assembly.synthesize(&functions, None)?;
    let data = options.data()?;
    let mut running = start(options, &functions, assembly, data.as_deref())?;
    api_is_up(options, data.as_deref(), &running.runner);
    ui::line("The API answers now; the page follows.");
    running.show_logs();

    let tools = PageTools::for_dev()?;
    let page =
        running.page.insert(Page::serve(&tools, options.web_port, &running.runner.site_config)?);
    page.wait_until_served()?;
    page_is_up(options);
    ui::line("Ctrl-C ends it. What is saved in frontend/, backend/ and infra/ is built and shown.");
    running.attend(Some(watch), assembly)
}

fn api_is_up(options: &Options, data: Option<&Path>, runner: &Runner) {
    let data = data.map_or("in memory, lost on exit".into(), |dir| dir.display().to_string());
    ui::line(&format!("\n  API   http://localhost:{}", options.api_port));
    ui::line(&format!("  data  {data}"));
    if let Some(sign_in) = options.sign_in() {
        let issuer = sign_in.membership().issuer;
        ui::line(&format!("  sign-in  {issuer} (development accounts: any e-mail address)"));
        ui::line(&format!("  token for curl  {}", sign_in.token_command()));
    }
    if let Some(table) = &runner.table {
        ui::line(&format!("  table {}", table.command()));
    }
    ui::line("");
}

fn page_is_up(options: &Options) {
    ui::line(&format!("\n  page  http://localhost:{}\n", options.web_port));
}

fn start(
    options: &Options,
    functions: &Functions,
    assembly: &Assembly,
    data: Option<&Path>,
) -> Result<Running> {
    let step = Step::start("starting the functions", None);
    let provider = options.sign_in().map(sign_in::start).transpose()?;
    let runner = Runner::start(&runner::Options {
        program: &functions.runner,
        assembly: &assembly.dir,
        data,
        site: options.release,
        record: None,
        locked: options.locked,
        without: &options.without,
    })?;
    step.done();
    Ok(Running { page: None, runner, provider })
}

/// What runs. Dropped, it ends.
struct Running {
    /// None when the runner serves it.
    page: Option<Page>,
    runner: Runner,
    /// None in a run without sign-in.
    provider: Option<Server>,
}

impl Running {
    /// Watches over what runs and what is edited, until the user or one of them ends.
    fn attend(&mut self, mut watch: Option<Watch>, assembly: &Assembly) -> Result<()> {
        loop {
            interrupt::sleep(Duration::from_millis(200))?;
            if let Some(why) = self.runner.server.ended()? {
                bail!("the API has ended by itself: {why}");
            }
            if let Some(provider) = &mut self.provider
                && let Some(why) = provider.ended()?
            {
                bail!("the sign-in provider has ended by itself: {why}");
            }
            if let Some(page) = &mut self.page
                && let Some(status) = page.ended()?
            {
                bail!("trunk, which serves the page, has ended by itself with {status}");
            }
            if let Some(watch) = &mut watch
                && let Some(changed) = watch.changed()?
            {
                ui::line(&format!("{changed} has changed"));
                match self.swap(assembly) {
                    Err(error) if error.is::<Interrupted>() => return Err(error),
                    Err(error) => ui::error(&format!("{error:#}; the functions from before go on")),
                    Ok(()) => ui::line("the new functions are in place"),
                }
            }
        }
    }

    fn show_logs(&self) {
        let provider = self.provider.iter();
        provider.chain([&self.runner.server]).for_each(|server| server.log.show(false));
    }

    fn swap(&mut self, assembly: &Assembly) -> Result<()> {
        let functions = build::functions(Profile::Dev)?;
        assembly.synthesize(&functions, None)?;
        self.runner.reload(&assembly.dir)
    }
}

/// The synthesized stack, in a directory of its own that every synth renews: an asset's name holds
/// the hash of its content, so a function that did not change stays where it runs.
struct Assembly {
    dir: PathBuf,
    ports: (u16, u16),
    membership: Option<Membership>,
}

impl Assembly {
    /// Only one command at a time has the port, so its directory is ours.
    fn new(options: &Options) -> Result<Self> {
        let dir = paths::local()?.join(format!("dev-{}", options.api_port));
        paths::remove(&dir)?;
        let membership = options.sign_in().map(sign_in::Ports::membership);
        Ok(Self { dir, ports: (options.web_port, options.api_port), membership })
    }

    fn synthesize(&self, functions: &Functions, site: Option<&Path>) -> Result<()> {
        self.tidy()?;
        let stage = LocalStage {
            lambdas: &functions.lambdas,
            site,
            ports: self.ports,
            membership: self.membership.as_ref(),
        };
        build::synthesize(&stage, &self.dir)
    }

    /// Removes the assets that the last synth did not use: what ran from them was swapped out.
    fn tidy(&self) -> Result<()> {
        let names = |kind: fn(&str) -> bool| {
            let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
            entries
                .filter_map(|entry| entry.file_name().into_string().ok())
                .filter(move |name| kind(name))
        };
        let mut used = String::new();
        for manifest in names(|name| name.ends_with(".assets.json")) {
            used += &fs::read_to_string(self.dir.join(manifest))
                .context("cannot read the assets' manifest")?;
        }
        names(|name| name.starts_with("asset."))
            .filter(|asset| !used.contains(asset.as_str()))
            .try_for_each(|asset| paths::remove(&self.dir.join(asset)))
    }
}

impl Drop for Assembly {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next start.
        let _ = paths::remove(&self.dir);
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::Assembly;

    #[test]
    fn assets_that_nothing_names_any_more_go() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("assembly");
        for asset in ["asset.old", "asset.new"] {
            fs::create_dir_all(dir.join(asset)).unwrap();
        }
        fs::write(dir.join("stack.assets.json"), r#"{"path":"asset.new"}"#).unwrap();
        let assembly = Assembly { dir: dir.clone(), ports: (1, 2), membership: None };
        assembly.tidy().unwrap();
        assert!(dir.join("asset.new").exists());
        assert!(!dir.join("asset.old").exists());
        drop(assembly);
        assert!(!dir.exists());
    }
}
