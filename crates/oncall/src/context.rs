//! What a command asks for, opened when it asks: configuration, the AWS door, the store, the clock.
//! The one place that looks at the environment, the wall clock and randomness.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use etcetera::BaseStrategy;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use output::{
    Form, Notice, Output, PagerCommand, Progress, ReaderGone, RecordFile, Settings, Shape, Talk,
    Terminals,
};
use store::Store;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::Mutex;

use crate::cli::{FormChoice, Global};
use crate::config::Config;
use crate::drill;
use crate::exit::Exit;
use crate::failure::Failure;

/// The process's environment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variables;

impl Variables {
    /// The variable's value, if it is set and not empty.
    #[expect(clippy::disallowed_methods, reason = "the one place that looks")]
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    /// The variable's value, if it is set: an empty one says something too.
    #[expect(clippy::disallowed_methods, reason = "the one place that looks")]
    fn even_empty(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// All of them, as pairs; what is no text is left out.
    #[expect(clippy::disallowed_methods, reason = "the one place that looks")]
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let all = std::env::vars_os();
        let texts = all.map(|(name, value)| (name.into_string(), value.into_string()));
        texts.filter_map(|(name, value)| Some((name.ok()?, value.ok()?))).collect()
    }

    /// Whether there is a program of that name.
    fn finds(&self, program: &str) -> bool {
        let path = self.get("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    }
}

/// A clock: the wall's, or a stopped one.
#[derive(Clone)]
pub(crate) struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The wall's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that looks")]
    pub(crate) fn wall() -> Self {
        Self(Arc::new(Timestamp::now))
    }

    /// A clock that always says the same.
    pub(crate) fn stopped_at(now: Timestamp) -> Self {
        Self(Arc::new(move || now))
    }

    /// What it says.
    pub(crate) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// What commands stand on.
#[derive(Debug)]
pub(crate) struct Context {
    global: Global,
    variables: Variables,
    settings: Settings,
    config: Config,
    zone: TimeZone,
    drill: Option<drill::Plan>,
    clock: Clock,
    /// When the command began, by its clock.
    began: Timestamp,
    store: Store,
    shape: Option<Shape>,
    /// Opened once: what a door asks for (an MFA code) is asked for once.
    opened: Mutex<BTreeMap<Option<String>, aws::Opened>>,
    /// Where the drill's cloud is, once it is served.
    drill_url: OnceLock<String>,
    /// Held while a person is asked for a code: two profiles may want one at the same time.
    asking: Arc<std::sync::Mutex<()>>,
    /// Where we are was said.
    said_where: Cell<bool>,
}

impl Context {
    /// Reads what every command needs: flags, environment, and the configuration (which a drill
    /// does not look at).
    pub(crate) fn open(global: Global, frozen: bool) -> Result<Self, Failure> {
        let in_drill = global.drill.is_some();
        if in_drill {
            refuse_profile(&global)?;
        }
        let config = match in_drill {
            true => Config::default(),
            false => config(Variables)?,
        };
        let mut context = Self::with(global, config, Clock::wall())?;
        if let Some(name) = context.global.drill.clone() {
            let wall = context.clock.clone();
            let plan = drill::Plan::new(&name, frozen, &context.variables, &context.store, wall)?;
            context.clock = plan.clock();
            context.began = context.clock.now();
            context.drill = Some(plan);
        }
        Ok(context.shaped())
    }

    /// For a command that speaks of drills and is in none: it begins none, and reads no configuration.
    pub(crate) fn beside_drills(global: Global) -> Result<Self, Failure> {
        refuse_profile(&global)?;
        let clock = drill::clock_beside(&Variables, Clock::wall())?;
        Ok(Self::with(global, Config::default(), clock)?.shaped())
    }

    /// In no drill yet.
    fn with(global: Global, config: Config, clock: Clock) -> Result<Self, Failure> {
        let variables = Variables;
        Ok(Self {
            variables,
            settings: settings(&global, variables),
            zone: zone(&global, &config)?,
            shape: global.shape()?,
            store: store(variables),
            drill: None,
            opened: Mutex::default(),
            drill_url: OnceLock::new(),
            asking: Arc::default(),
            said_where: Cell::new(false),
            global,
            config,
            began: clock.now(),
            clock,
        })
    }

    /// A shape knows the time and the zone, once those are known.
    fn shaped(mut self) -> Self {
        let now = self.clock.now();
        self.shape = self.shape.map(|shape| shape.at(now, self.zone.clone()));
        self
    }

    /// The drills that can be had: the built-in ones, and the one of `--drill`.
    pub(crate) fn drills(&self) -> Result<Vec<drill::Listed>, Failure> {
        let wall = Clock::wall().now();
        drill::list(self.global.drill.as_deref(), &self.variables, &self.store, wall)
    }

    /// The voice on stderr.
    pub(crate) fn talk(&self) -> Talk {
        Talk::new(self.settings)
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The present, in the zone in which the user reads times.
    pub(crate) fn now(&self) -> Zoned {
        self.clock.now().to_zoned(self.zone.clone())
    }

    /// How long the command has taken so far, in milliseconds by its clock.
    pub(crate) fn elapsed_ms(&self) -> i64 {
        (self.clock.now().as_millisecond() - self.began.as_millisecond()).max(0)
    }

    /// The clock, for what goes on.
    pub(crate) fn log_clock(&self) -> logs::Clock {
        let clock = self.clock.clone();
        logs::Clock::new(move || clock.now().into())
    }

    /// The drill, when this is one.
    pub(crate) fn drill(&self) -> Option<drill::Plan> {
        self.drill.clone()
    }

    /// What is kept between runs. A drill keeps nothing but its beginning.
    pub(crate) fn store(&self) -> Option<&Store> {
        self.drill.is_none().then_some(&self.store)
    }

    /// Opens stdout. `on_terminal` is the command's own form for people.
    pub(crate) fn output(&self, on_terminal: Form) -> Result<Output, Failure> {
        let terminal = self.settings.terminals.stdout;
        // A link is wider than any column of a table.
        let on_terminal = if self.global.link { Form::Text } else { on_terminal };
        let form = form(
            self.global.output,
            self.variables.get("ONCALL_OUTPUT").or_else(|| self.config.output.clone()).as_deref(),
            terminal,
            on_terminal,
        )?;
        Ok(self.made(Output::open(form, self.settings)))
    }

    /// The same for a file, which gets what a pipe would get.
    pub(crate) fn file_output(&self, file: RecordFile) -> Result<Output, Failure> {
        let form = form(self.global.output, None, false, Form::Json)?;
        Ok(self.made(Output::to_file(file, form, self.settings)))
    }

    fn made(&self, output: Output) -> Output {
        output.with_links(self.global.link).shaped(self.shape.clone())
    }

    /// On how many records `--jq` or `--template` failed so far.
    pub(crate) fn unshaped(&self) -> u64 {
        self.shape.as_ref().map_or(0, Shape::failures)
    }

    /// The exit, unless records on which `--jq` or `--template` failed make the answer incomplete.
    pub(crate) fn exit_as_shaped(&self, exit: Exit) -> Exit {
        match exit {
            Exit::Done | Exit::No if self.unshaped() > 0 => Exit::Incomplete,
            exit => exit,
        }
    }

    /// How a command ended: records on which `--jq` or `--template` failed make it incomplete.
    pub(crate) fn conclude(&self, ended: Result<Exit, Failure>) -> Result<Exit, Failure> {
        let Some(shape) = self.shape.as_ref().filter(|shape| shape.failures() > 0) else {
            return ended;
        };
        if matches!(ended, Err(Failure::ReaderGone)) {
            return ended;
        }
        let what = match shape.failures() {
            1 => format!("1 record in all, on which {shape} failed"),
            many => format!("{many} records in all, on which {shape} failed"),
        };
        self.talk().say(Notice::Missing, &what);
        ended.map(|exit| self.exit_as_shaped(exit))
    }

    /// The same for what is read to the end: what is longer than a screen is shown by a pager.
    pub(crate) fn paged_output(&self, on_terminal: Form) -> Result<Output, Failure> {
        Ok(self.output(on_terminal)?.paged_by(self.pager()))
    }

    /// `ONCALL_PAGER`, else `PAGER`, else less where it is found. An empty one, and `cat`, is none.
    fn pager(&self) -> Option<PagerCommand> {
        let wanted = self.settings.terminals.stdout && !self.settings.dumb;
        if !wanted || self.global.no_pager {
            return None;
        }
        let variables = self.variables;
        let chosen = variables.even_empty("ONCALL_PAGER").or_else(|| variables.even_empty("PAGER"));
        let line = match chosen {
            Some(line) => line,
            None => variables.finds("less").then(|| "less -FRX".to_owned())?,
        };
        if matches!(line.trim(), "" | "cat") {
            return None;
        }
        // As git has it: quit when all fits, obey colours, leave the text on the screen.
        let less = ("LESS".to_owned(), "FRX".to_owned());
        let unsaid = variables.even_empty("LESS").is_none();
        Some(PagerCommand { line, variables: unsaid.then_some(less).into_iter().collect() })
    }

    /// Shows what `text` says on stderr, on a terminal, while this lives and it takes long.
    pub(crate) fn progress(&self, text: impl Fn() -> String + Send + 'static) -> Progress {
        Progress::begin(self.settings, text)
    }

    /// How to write.
    pub(crate) fn settings(&self) -> Settings {
        self.settings
    }

    /// Whether somebody is there to be asked, and wants to be.
    pub(crate) fn may_ask(&self) -> bool {
        let terminals = self.settings.terminals;
        terminals.stdin && terminals.stderr && !self.settings.dumb && !self.global.no_input
    }

    /// Says the command line that would have needed no question.
    pub(crate) fn say_line(&self, chosen: &str) {
        let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
        let words = std::iter::once("oncall".to_owned()).chain(words).chain([chosen.to_owned()]);
        let line: Vec<String> = words.map(|word| quoted(&word)).collect();
        self.talk().say(Notice::Place, &line.join(" "));
    }

    /// The doors to AWS, or to the drill's cloud, through which these targets are read: one for each
    /// `--profile`, and one for each profile that a target says itself.
    pub(crate) async fn doors(&self, targets: &[logs::Address]) -> Result<aws::Doors, Failure> {
        let named = targets.iter().filter_map(|target| target.profile.clone());
        let named: BTreeSet<String> = named.collect();
        let all_are_named =
            !targets.is_empty() && targets.iter().all(|target| target.profile.is_some());
        let mut usual = Vec::new();
        match self.global.profiles.as_slice() {
            _ if all_are_named => {}
            [] => usual.push(self.opened(None).await?),
            profiles => {
                let mut seen = BTreeSet::new();
                for profile in profiles.iter().filter(|profile| seen.insert(*profile)) {
                    usual.push(self.opened(Some(profile)).await?);
                }
            }
        }
        let mut of_targets = Vec::new();
        for profile in named {
            self.refuse_profile_in_drill(&profile)?;
            let opened = self.opened(Some(&profile)).await?;
            if let Err(error) = &opened.door
                && matches!(error.cause, aws::Cause::UnknownProfile { .. })
            {
                let target =
                    targets.iter().find(|target| target.profile.as_ref() == Some(&profile));
                return Err(no_such_profile(error, target));
            }
            of_targets.push(opened);
        }
        Ok(aws::Doors::new(usual, of_targets)?)
    }

    /// The doors of one profile, whatever the flags say.
    pub(crate) async fn doors_of(&self, profile: &str) -> Result<aws::Doors, Failure> {
        self.refuse_profile_in_drill(profile)?;
        Ok(aws::Doors::new(vec![self.opened(Some(profile)).await?], Vec::new())?)
    }

    fn refuse_profile_in_drill(&self, profile: &str) -> Result<(), Failure> {
        match self.drill {
            Some(_) => {
                let hint = format!("leave out `{profile}:`, or --drill");
                Err(Failure::usage("a drill has no profiles", Some(hint)))
            }
            None => Ok(()),
        }
    }

    /// What became of a profile, or of what environment and configuration say. A profile is opened
    /// once.
    async fn opened(&self, profile: Option<&str>) -> Result<aws::Opened, Failure> {
        let mut opened = self.opened.lock().await;
        let asked = profile.map(str::to_owned);
        let is_it = |known: &&aws::Opened| profile.is_some() && known.profile == asked;
        if let Some(known) = opened.get(&asked).or_else(|| opened.values().find(is_it)) {
            return Ok(known.clone());
        }
        let options = self.aws_options(profile)?;
        let door = match self.drill() {
            Some(drill) => {
                let mut regions = self.regions();
                if regions.is_empty() {
                    regions.push(drill.region().to_owned());
                }
                aws::Door::to_drill(self.drill_url(&drill)?, regions, &options)
            }
            None => aws::Door::open(&options).await,
        };
        let of_door = |door: &aws::Door| door.profile().map(str::to_owned);
        let profile = door.as_ref().map_or(asked.clone(), of_door);
        let new = aws::Opened { profile, door };
        opened.insert(asked, new.clone());
        Ok(new)
    }

    /// Where the drill's cloud is. It is served once.
    fn drill_url(&self, drill: &drill::Plan) -> Result<&str, Failure> {
        if let Some(url) = self.drill_url.get() {
            return Ok(url);
        }
        let url = drill.clone().serve_beside()?;
        Ok(self.drill_url.get_or_init(|| url))
    }

    /// The client for what is not AWS, and how its services are reached.
    pub(crate) fn outside(&self) -> Result<Outside, Failure> {
        let budget = self.global.budget.as_ref().or(self.config.budget.as_ref());
        let variables = self.variables;
        let options = http::Options {
            timeout: self.global.timeout()?,
            user_agent: concat!("oncall/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: http::Proxies::from_environment(|name| variables.get(name)),
            ca_bundle: ["AWS_CA_BUNDLE", "SSL_CERT_FILE"]
                .iter()
                .find_map(|name| variables.get(name))
                .map(PathBuf::from),
            budget: match budget.map_or(Ok(aws::Budget::Usual), |text| budget_of(text))? {
                aws::Budget::Usual => http::Budget::Usual,
                aws::Budget::Percent(percent) => http::Budget::Percent(percent),
                aws::Budget::Unlimited => http::Budget::Unlimited,
            },
            random,
            now: wall_now,
        };
        Ok(match &self.drill {
            Some(drill) => Outside {
                client: http::Client::to_drill(&options),
                drill: Some(self.drill_url(drill)?.to_owned()),
                variables: Vec::new(),
                home: None,
            },
            None => Outside {
                client: http::Client::open(&options).map_err(|error| {
                    Failure::usage(error.to_string(), error.hint().map(str::to_owned))
                })?,
                drill: None,
                variables: variables.pairs(),
                home: etcetera::home_dir().ok(),
            },
        })
    }

    /// Says where we are, once, on a terminal: accounts, regions, profiles, and in which zone times
    /// are.
    pub(crate) async fn say_where(&self, doors: &aws::Doors) {
        if self.said_where.replace(true) || !self.talk().is_terminal() || self.settings.quiet {
            return;
        }
        let mut places = Vec::new();
        for door in doors.open() {
            let account = door.account().await;
            let account = account.as_deref().unwrap_or("unknown");
            let regions = door.regions().join(", ");
            places.push(match (&self.drill, door.profile()) {
                (Some(_), _) => format!("drill: a simulated cloud, account {account}, {regions}"),
                (None, Some(profile)) => format!("account {account}, {regions}, profile {profile}"),
                (None, None) => format!("account {account}, {regions}"),
            });
        }
        let now = self.now();
        let zone = now.time_zone().iana_name().unwrap_or("local time");
        let offset = now.strftime("%:z");
        let places = places.join("; ");
        self.talk().say(Notice::Place, &format!("{places}; times are {zone} ({offset})"));
    }

    /// Those of `--region`, each once.
    fn regions(&self) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let each = self.global.regions.iter().filter(|region| seen.insert(*region));
        each.cloned().collect()
    }

    fn aws_options(&self, profile: Option<&str>) -> Result<aws::Options, Failure> {
        let variables = self.variables;
        let budget = self.global.budget.as_ref().or(self.config.budget.as_ref());
        Ok(aws::Options {
            profile: profile.map(str::to_owned),
            regions: self.regions(),
            usual_profile: self.config.profile.clone(),
            usual_region: self.config.region.clone(),
            budget: budget.map_or(Ok(aws::Budget::Usual), |text| budget_of(text))?,
            timeout: self.global.timeout()?,
            environment: aws::Environment::new(move |name| variables.get(name)),
            mfa: self.mfa_prompt(),
            random,
            version: env!("CARGO_PKG_VERSION"),
        })
    }

    /// Asks for a code on the terminal, where there is one and questions are welcome.
    fn mfa_prompt(&self) -> aws::MfaPrompt {
        // A line that is typed needs no clever terminal.
        let terminals = self.settings.terminals;
        let may_ask = terminals.stdin && terminals.stderr && !self.global.no_input;
        let asking = Arc::clone(&self.asking);
        aws::MfaPrompt::new(move |serial| {
            let _one_at_a_time = asking.lock().unwrap_or_else(PoisonError::into_inner);
            let no_code = || aws::NoCode { serial: serial.to_owned() };
            if !may_ask {
                return Err(no_code());
            }
            output::ask(&format!("code of the MFA device {serial}: ")).ok_or_else(no_code)
        })
    }
}

/// What services that are not AWS are reached with. There are tokens in it: it has no `Debug`.
pub(crate) struct Outside {
    pub(crate) client: http::Client,
    /// Where all of them are in a drill.
    pub(crate) drill: Option<String>,
    /// The environment; none in a drill.
    pub(crate) variables: Vec<(String, String)>,
    /// The home directory; none in a drill.
    pub(crate) home: Option<PathBuf>,
}

impl Outside {
    /// A variable of the environment that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    }
}

/// What ends a command before its time: Ctrl-C, and a reader that goes.
#[derive(Debug)]
pub(crate) struct Stops {
    gone: ReaderGone,
    /// One listener for the whole command: one made anew for each wait would miss the Ctrl-C that
    /// comes while records are being drawn.
    interrupt: Signal,
}

impl Stops {
    /// Listens for Ctrl-C, and watches the reader of `output`.
    pub(crate) fn of(output: &Output) -> Result<Self, Failure> {
        let interrupt = signal(SignalKind::interrupt()).map_err(|error| {
            Failure::unavailable(format!("Ctrl-C cannot be listened for: {error}"), None)
        })?;
        Ok(Self { gone: output.reader_gone(), interrupt })
    }

    /// Waits for `work`, Ctrl-C or the reader's going, whichever comes first.
    pub(crate) async fn or<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.gone.wait() => Err(Failure::ReaderGone),
            _ = self.interrupt.recv() => Err(Failure::Interrupted),
            done = work => Ok(done),
        }
    }
}

/// The settings of the terminal, without anything that could fail: errors need them too.
pub(crate) fn settings(global: &Global, variables: Variables) -> Settings {
    Settings {
        terminals: Terminals::of_process(),
        color: global.color.into(),
        no_color: variables.get("NO_COLOR").is_some(),
        force_color: variables.get("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
        dumb: variables.get("TERM").is_some_and(|term| term == "dumb"),
        quiet: global.quiet,
    }
}

/// The form: the flag, then (on a terminal only) what environment or configuration say.
fn form(
    flag: Option<FormChoice>,
    configured: Option<&str>,
    terminal: bool,
    on_terminal: Form,
) -> Result<Form, Failure> {
    let choice = match (flag, configured) {
        (Some(choice), _) => choice,
        (None, Some(text)) if terminal => clap::ValueEnum::from_str(text, true).map_err(|_| {
            Failure::usage(
                format!("`{text}` is not a form of output"),
                Some("ONCALL_OUTPUT and `output` take auto, text, json, raw or table".to_owned()),
            )
        })?,
        _ => FormChoice::Auto,
    };
    Ok(match choice {
        FormChoice::Auto if terminal => on_terminal,
        FormChoice::Auto | FormChoice::Json => Form::Json,
        FormChoice::Raw => Form::Raw,
        FormChoice::Table if on_terminal == Form::Table => Form::Table,
        // Events have no table: lines are what people read of them.
        FormChoice::Text | FormChoice::Table if terminal => Form::Text,
        FormChoice::Text | FormChoice::Table => Form::Columns,
    })
}

fn budget_of(text: &str) -> Result<aws::Budget, Failure> {
    if text == "unlimited" {
        return Ok(aws::Budget::Unlimited);
    }
    match text.trim_end_matches('%').parse() {
        Ok(percent @ 1..=100) => Ok(aws::Budget::Percent(percent)),
        _ => Err(Failure::usage(
            format!("`{text}` is not a budget"),
            Some(
                "--budget takes a percentage of the account's quota (1 to 100) or `unlimited`"
                    .to_owned(),
            ),
        )),
    }
}

/// `$XDG_CONFIG_HOME/oncall/config.toml`, and on macOS the platform's own place too.
fn config(variables: Variables) -> Result<Config, Failure> {
    let xdg = variables.get("XDG_CONFIG_HOME").map(PathBuf::from);
    let usual = etcetera::choose_base_strategy().ok().map(|base| base.config_dir());
    let native =
        etcetera::base_strategy::choose_native_strategy().ok().map(|base| base.config_dir());
    let folders = [xdg.or(usual), native].into_iter().flatten();
    let files = folders.map(|folder| folder.join("oncall").join("config.toml"));
    let Some(file) = files.into_iter().find(|file| file.exists()) else {
        return Ok(Config::default());
    };
    Config::read(&file).map_err(|error| Failure::usage(error.to_string(), error.hint()))
}

fn store(variables: Variables) -> Store {
    let base = etcetera::choose_base_strategy().ok();
    let folder = |name: &str, usual: Option<PathBuf>| {
        let folder = variables.get(name).map(PathBuf::from).or(usual);
        folder.unwrap_or_else(std::env::temp_dir).join("oncall")
    };
    let cache = folder("XDG_CACHE_HOME", base.as_ref().map(|base| base.cache_dir()));
    let state = base.as_ref().and_then(|base| base.state_dir().or(Some(base.data_dir())));
    Store::new(cache, folder("XDG_STATE_HOME", state))
}

/// What stands before the `:` of a target is no profile.
fn no_such_profile(error: &aws::Error, target: Option<&logs::Address>) -> Failure {
    const KINDS: [&str; 4] = ["service", "task", "group", "arn"];
    let aws::Cause::UnknownProfile { name, nearest } = &error.cause else {
        return error.clone().into();
    };
    let rest = target.map_or("", |target| &target.typed);
    let meant = nearest.as_deref().or_else(|| spelling::nearest(name, KINDS));
    let hint = match meant {
        Some(meant) => format!("did you mean `{meant}:{rest}`?"),
        None => "`aws configure list-profiles` shows the profiles that exist; no log group has a \
                 `:` in its name"
            .to_owned(),
    };
    let message = format!("`{name}:{rest}` wants the profile `{name}`, which does not exist");
    Failure::usage(message, Some(hint))
}

/// A drill looks at no profile; one that is named would be ignored in silence.
fn refuse_profile(global: &Global) -> Result<(), Failure> {
    if global.profiles.is_empty() {
        return Ok(());
    }
    let hint = "leave out --profile, or --drill".to_owned();
    Err(Failure::usage("a drill has no profiles", Some(hint)))
}

fn zone(global: &Global, config: &Config) -> Result<TimeZone, Failure> {
    if global.utc {
        return Ok(TimeZone::UTC);
    }
    match global.timezone.as_ref().or(config.timezone.as_ref()) {
        None => Ok(TimeZone::system()),
        Some(name) => TimeZone::get(name).map_err(|_| {
            let hint = "a time zone has a name such as Europe/Berlin; --utc is UTC";
            Failure::usage(format!("there is no time zone `{name}`"), Some(hint.to_owned()))
        }),
    }
}

/// The template itself, or what is in its file. An editor's last line break is none of the template.
fn template_of(text: &str) -> Result<String, Failure> {
    let Some(path) = text.strip_prefix('@') else { return Ok(text.to_owned()) };
    let read = std::fs::read_to_string(path);
    let text = read.map_err(|error| {
        Failure::usage(format!("the template {path} cannot be read: {error}"), None)
    })?;
    Ok(text.strip_suffix('\n').map_or_else(|| text.clone(), str::to_owned))
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// The wall's time, for headers that say a moment.
#[expect(clippy::disallowed_methods, reason = "the one place that looks")]
fn wall_now() -> Timestamp {
    Timestamp::now()
}

/// A random number in `[0, 1)`, for the jitter of retries: the standard library seeds each hasher
/// with one.
fn random() -> f64 {
    let bits = std::hash::RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1u64 << 53) as f64
}

impl Global {
    /// What `--jq` or `--template` say, checked before anything is opened.
    fn shape(&self) -> Result<Option<Shape>, Failure> {
        let (flag, shape) = match (&self.jq, &self.template) {
            (Some(program), _) => ("--jq", Shape::jq(program)?),
            (None, Some(template)) => ("--template", Shape::template(&template_of(template)?)?),
            (None, None) => return Ok(None),
        };
        match self.output {
            None | Some(FormChoice::Auto | FormChoice::Json) => Ok(Some(shape)),
            Some(_) => Err(Failure::usage(
                format!("{flag} is a form of output of its own"),
                Some(format!("leave out {flag}, or -o")),
            )),
        }
    }

    fn timeout(&self) -> Result<Duration, Failure> {
        const USUAL: Duration = Duration::from_secs(15);
        let Some(text) = &self.timeout else { return Ok(USUAL) };
        let timeout = timerange::duration(text)?;
        Ok(timeout.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gets_json_lines_whatever_is_configured() {
        let form = |flag, configured, terminal| form(flag, configured, terminal, Form::Text).ok();
        assert_eq!(form(None, Some("raw"), false), Some(Form::Json));
        assert_eq!(form(None, Some("raw"), true), Some(Form::Raw));
        assert_eq!(form(None, None, true), Some(Form::Text));
        assert_eq!(form(Some(FormChoice::Text), None, false), Some(Form::Columns));
        assert_eq!(form(None, Some("nonsense"), true), None);
    }

    #[test]
    fn a_budget_is_a_percentage_or_unlimited() {
        assert_eq!(budget_of("25").ok(), Some(aws::Budget::Percent(25)));
        assert_eq!(budget_of("25%").ok(), Some(aws::Budget::Percent(25)));
        assert_eq!(budget_of("unlimited").ok(), Some(aws::Budget::Unlimited));
        assert!(budget_of("0").is_err());
        assert!(budget_of("lots").is_err());
    }

    #[test]
    fn random_numbers_are_below_one_and_differ() {
        let numbers: Vec<f64> = (0..50).map(|_| random()).collect();
        assert!(numbers.iter().all(|number| (0.0..1.0).contains(number)));
        assert!(numbers.iter().any(|number| *number != numbers[0]));
    }
}
