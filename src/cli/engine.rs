//! Flags that say what reads the articles, shared by the subcommands that do.

use clap::{Args as ClapArgs, ValueEnum};
use sanctag::engine::{Choice, Kind, Precision};
use sanctag::entity::EntityType;
use sanctag::run::{Options, Scope};
use sanctag::{body, ingest, write};

/// Flags about the engine.
#[derive(ClapArgs)]
#[command(next_help_heading = "Model")]
pub struct EngineArgs {
    /// What runs the model.
    #[arg(long, value_enum, default_value = "native")]
    engine: EngineArg,
    /// Arithmetic of the native engine.
    #[arg(long, value_enum, default_value = "int8")]
    precision: PrecisionArg,
}

#[derive(Clone, Copy, ValueEnum)]
enum EngineArg {
    /// Our own kernels, on any CPU.
    Native,
    /// libtorch through rust-bert, in builds with the feature rust-bert.
    RustBert,
}

#[derive(Clone, Copy, ValueEnum)]
enum PrecisionArg {
    /// 8-bit weights and activations in the large products, the faster.
    Int8,
    /// 32-bit floating point throughout.
    F32,
}

impl EngineArgs {
    pub fn choice(&self) -> Choice {
        Choice {
            kind: match self.engine {
                EngineArg::Native => Kind::Native,
                EngineArg::RustBert => Kind::RustBert,
            },
            precision: match self.precision {
                PrecisionArg::Int8 => Precision::Int8,
                PrecisionArg::F32 => Precision::F32,
            },
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub enum ScopeArg {
    Sanctions,
    All,
}

impl ScopeArg {
    pub fn scope(self) -> Scope {
        match self {
            Self::Sanctions => Scope::Sanctions,
            Self::All => Scope::All,
        }
    }
}

/// The number of workers asked for, or the machine's cores.
pub fn threads(asked: Option<u16>) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    asked.map_or_else(cores, usize::from)
}

/// Tokens of context on either side of what a window owns.
pub const CONTEXT: usize = 12;

/// How articles are read when the program itself is measured: as without further flags, every type written.
pub fn measuring(engine: &EngineArgs, scope: ScopeArg, body: body::Mode) -> Options {
    Options {
        ingest: ingest::Options::default(),
        scope: scope.scope(),
        body,
        engine: engine.choice(),
        window: None,
        context: CONTEXT,
        memory_bytes: None,
        timeout: None,
        write: write::Options {
            unit: write::Unit::Points,
            text: true,
            types: EntityType::ALL.to_vec(),
            min_score: 0.0,
            run: String::new(),
        },
    }
}
