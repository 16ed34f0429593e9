//! A deterministic stand-in for the model: fast, and its names can be told from the text alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sanctag::engine::folder::{ModelFolder, Source};
use sanctag::engine::{Batch, Choice, Engine, Kind, Labels, Logits, Model, Precision};
use sanctag::entity::EntityType;
use sanctag::run::{self, Existing, Job, Options, Pipeline, Scope, Summary, Target};
use sanctag::tokenize::Shape;
use sanctag::write::{self, Unit};
use sanctag::{Error, Result, body, ingest};

const CONFIG: &str = r#"{"model_type":"bert","hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,
"intermediate_size":16,"max_position_embeddings":512,"vocab_size":200,"type_vocab_size":8,
"sanctag_token_types":"word_shape","sanctag_window":64,
"id2label":{"0":"O","1":"B-PER","2":"I-PER"}}"#;
/// A word that makes the engine fail, and one that makes it panic.
pub const FAIL: &str = "failfailfail";
pub const PANIC: &str = "panicpanicpanic";

/// Calls every capitalized word a person, and a run of them one person.
struct Scripted {
    labels: Labels,
    fail: u32,
    panic: u32,
}

struct ScriptedEngine {
    fail: u32,
    panic: u32,
}

impl Model for Scripted {
    fn labels(&self) -> &Labels {
        &self.labels
    }

    fn max_row(&self) -> usize {
        512
    }

    fn engine(&self) -> Result<Box<dyn Engine>> {
        Ok(Box::new(ScriptedEngine {
            fail: self.fail,
            panic: self.panic,
        }))
    }
}

impl Engine for ScriptedEngine {
    fn forward(&mut self, batch: &Batch, logits: &mut Logits) -> Result<()> {
        assert!(!batch.ids.contains(&self.panic), "scripted panic");
        if batch.ids.contains(&self.fail) {
            return Err(Error::Engine("scripted failure".to_owned()));
        }
        logits.n_columns = 3;
        logits.values.clear();
        for row in 0..batch.n_rows() {
            let types = &batch.types[batch.row(row)];
            for (at, &kind) in types.iter().enumerate() {
                let capital = |kind: u8| {
                    [Shape::Title, Shape::Upper, Shape::Capital]
                        .map(|shape| shape as u8)
                        .contains(&kind)
                };
                let after = at > 0 && capital(types[at - 1]);
                let column = match (capital(kind), after) {
                    (false, _) => 0,
                    (true, false) => 1,
                    (true, true) => 2,
                };
                logits
                    .values
                    .extend((0..3).map(|at| if at == column { 8.0 } else { 0.0 }));
            }
        }
        Ok(())
    }
}

/// The scripted model's folder on disk, and the folder it lives in.
pub fn folder() -> (tempfile::TempDir, ModelFolder) {
    let dir = tempfile::tempdir().unwrap();
    let mut vocabulary: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", FAIL, PANIC]
        .map(str::to_owned)
        .into();
    for letter in 'a'..='z' {
        vocabulary.push(letter.to_string());
        vocabulary.push(format!("##{letter}"));
    }
    for (name, bytes) in [
        ("config.json", CONFIG.as_bytes()),
        ("vocab.txt", vocabulary.join("\n").as_bytes()),
        ("model.safetensors", b"\x02\0\0\0\0\0\0\0{}"),
    ] {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let folder = ModelFolder::open(Source::Dir(dir.path().to_owned())).unwrap();
    (dir, folder)
}

pub fn options() -> Options {
    Options {
        ingest: ingest::Options::default(),
        scope: Scope::All,
        body: body::Mode::All,
        engine: Choice {
            kind: Kind::Native,
            precision: Precision::F32,
        },
        window: None,
        context: 12,
        write: write::Options {
            unit: Unit::Points,
            text: true,
            types: vec![EntityType::Person, EntityType::Org, EntityType::Country],
            min_score: 0.0,
            run: String::new(),
        },
        memory_bytes: None,
        timeout: None,
    }
}

/// What a run left behind.
pub struct Left {
    pub summary: Summary,
    pub lines: Vec<u8>,
    pub faults: Vec<u8>,
}

impl Left {
    pub fn parsed(&self) -> Vec<serde_json::Value> {
        parsed(&self.lines)
    }

    pub fn parsed_faults(&self) -> Vec<serde_json::Value> {
        parsed(&self.faults)
    }
}

fn parsed(lines: &[u8]) -> Vec<serde_json::Value> {
    lines
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// The scripted model of a folder.
pub fn scripted(folder: &ModelFolder) -> Box<dyn Model> {
    Box::new(Scripted {
        labels: folder.config().labels.clone(),
        fail: 4,
        panic: 5,
    })
}

/// Runs the whole path over `inputs` with the scripted engine.
pub fn tag(inputs: &[&Path], threads: usize, options: &Options) -> Left {
    let (_dir, folder) = folder();
    let pipeline = Pipeline::with_model(&folder, scripted(&folder), options).unwrap();
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("out.jsonl");
    let job = Job {
        inputs: inputs.iter().map(|&input| PathBuf::from(input)).collect(),
        target: Target::File {
            path: path.clone(),
            existing: Existing::Refuse,
        },
        shard: None,
        threads,
        max_faults: None,
        checkpoint_every: Duration::from_secs(15),
        stop: Arc::default(),
        quiet: true,
        metrics: None,
    };
    let summary = run::run(&job, &folder, &pipeline, options).unwrap();
    Left {
        summary,
        lines: std::fs::read(&path).unwrap(),
        faults: std::fs::read(run::beside(&path, "faults.jsonl")).unwrap(),
    }
}

/// Holds every range of a line to the text it indexes, by counting characters from the start.
pub fn assert_offsets(line: &serde_json::Value) {
    let chars: Vec<char> = line["text"].as_str().unwrap().chars().collect();
    let mentions = line["entities"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|entity| entity["mentions"].as_array().unwrap());
    let triggers = line["measures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|measure| &measure["trigger"]);
    for range in mentions.chain(triggers) {
        let at = |name: &str| usize::try_from(range[name].as_u64().unwrap()).unwrap();
        let covered: String = chars[at("start")..at("end")].iter().collect();
        assert_eq!(covered, range["text"].as_str().unwrap());
    }
    assert_eq!(line["stats"]["tokens"], line["stats"]["tokens_read"]);
}
