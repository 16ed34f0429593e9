//! Exit codes, a contract with whoever starts the program.

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Every article was annotated.
    Done,
    /// Finished; some articles are in the faults file.
    Faults,
    /// Did not finish.
    Failed,
    /// Measured, and lower than was asked for.
    Below,
    /// Ended by a signal; an output file can be resumed.
    Interrupted,
}

impl Exit {
    /// How work on records ended: stopped before its end, or with so many faults.
    pub const fn of(finished: bool, faults: u64) -> Self {
        match (finished, faults) {
            (false, _) => Self::Interrupted,
            (true, 0) => Self::Done,
            (true, _) => Self::Faults,
        }
    }

    /// The number the system sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Faults => 1,
            Self::Failed => 2,
            Self::Below => 3,
            Self::Interrupted => 130,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_contract() {
        let codes = [
            Exit::Done,
            Exit::Faults,
            Exit::Failed,
            Exit::Below,
            Exit::Interrupted,
        ];
        assert_eq!(codes.map(Exit::code), [0, 1, 2, 3, 130]);
    }
}
