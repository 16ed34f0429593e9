//! AMX: a register is a tile of sixteen rows of 64 bytes, one instruction 16 x 16 dot products of 64 bytes.
//! Sums are exact, so they are the same bits as every other path's.
#![allow(unsafe_code)] // inline assembly: the intrinsics are not stable yet

use std::arch::asm;
use std::arch::x86_64::__cpuid_count;
use std::marker::PhantomData;
use std::sync::OnceLock;

use super::{BLOCK_COLUMNS, BLOCK_ROWS, Block, Quads};
use crate::engine::native::pack::WIDTH;

/// Inputs, four at a time, of one tile.
const DEPTH: usize = 16;

/// True where the processor has AMX for int8 and the system lets this process use it.
pub(super) fn detect() -> bool {
    static DETECTED: OnceLock<bool> = OnceLock::new();
    *DETECTED.get_or_init(|| has_instructions() && is_permitted())
}

/// Leaf 7 names the instructions (tiles: bit 24, int8: bit 25), leaf 1 that XCR0 can be read (bit 27).
fn has_instructions() -> bool {
    let amx = 0b11 << 24;
    if __cpuid_count(7, 0).edx & amx != amx || __cpuid_count(1, 0).ecx & (1 << 27) == 0 {
        return false;
    }
    let state: u32;
    // SAFETY: the processor has the instruction and the system allows it, as leaf 1 says.
    unsafe {
        asm!("xgetbv", in("ecx") 0, out("eax") state, out("edx") _, options(nomem, nostack, preserves_flags));
    }
    // the system saves the tiles' configuration and data
    state & 0b11 << 17 == 0b11 << 17
}

/// Asks Linux for the tiles' state, as it wants to be asked once a process (`arch_prctl(2)`).
#[cfg(target_os = "linux")]
fn is_permitted() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const ARCH_REQ_XCOMP_PERM: i64 = 0x1023;
    const XFEATURE_XTILEDATA: i64 = 18;
    let refused: i64;
    // SAFETY: the call reads and writes no memory of ours; it clobbers what is said here.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => refused,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    refused == 0
}

#[cfg(not(target_os = "linux"))]
fn is_permitted() -> bool {
    false
}

/// Proof that this thread's tiles are configured; they are released when it goes.
pub(in crate::engine::native) struct Configured(PhantomData<*const ()>);

impl Configured {
    /// Configures eight tiles of 16 rows of 64 bytes.
    ///
    /// # Safety
    /// [`detect`] must have returned true.
    #[inline(always)]
    pub(super) unsafe fn new() -> Self {
        #[repr(C, align(64))]
        struct Config([u8; 64]);
        static CONFIG: Config = {
            let mut bytes = [0; 64];
            bytes[0] = 1; // palette
            let mut tile = 0;
            while tile < 8 {
                bytes[16 + 2 * tile] = 64; // bytes a row
                bytes[48 + tile] = 16; // rows
                tile += 1;
            }
            Config(bytes)
        };
        // SAFETY: the processor has the instruction; it reads the 64 bytes.
        unsafe {
            asm!("ldtilecfg [{}]", in(reg) &CONFIG, options(nostack, readonly, preserves_flags))
        };
        Self(PhantomData)
    }
}

impl Drop for Configured {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the value exists, so the processor has the instruction; no memory is touched.
        unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) };
    }
}

/// Sums of 32 rows over the 32 columns from vector `first` of the panel. Row `r` starts at `r * stride`.
///
/// # Panics
/// When the rows or the panel are too short, or the panel is not of whole tiles.
#[inline(always)]
pub(super) fn block(
    _: &Configured,
    rows: &[[u8; 4]],
    stride: usize,
    panel: &[[Quads; WIDTH]],
    first: usize,
    sums: &mut Block,
) {
    let depth = panel.len();
    assert!(
        depth.is_multiple_of(DEPTH) && 0 < depth && depth <= stride,
        "bug: inputs that fill no tiles"
    );
    assert!(
        (BLOCK_ROWS - 1) * stride + depth <= rows.len() && first + BLOCK_COLUMNS / 16 <= WIDTH,
        "bug: a block outside its rows or its panel"
    );
    // SAFETY: `Configured` proves the instructions and the tiles' shape. A turn reads 64 bytes of each of 32
    // rows, all in `rows` by the assertion, and 16 lines of 2 vectors, all in `panel`; there are as many turns
    // as both have. The last four instructions write the 4096 bytes of `sums`.
    unsafe {
        let weights = panel.as_ptr().cast::<Quads>().add(first);
        let start = sums.0.as_mut_ptr();
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "tileloadd tmm4, [{rows} + {stride}]",
            "tileloadd tmm6, [{weights} + {line}]",
            "tdpbusd tmm0, tmm4, tmm6",
            "tileloadd tmm7, [{weights} + {line} + 64]",
            "tdpbusd tmm1, tmm4, tmm7",
            "tileloadd tmm5, [{below} + {stride}]",
            "tdpbusd tmm2, tmm5, tmm6",
            "tdpbusd tmm3, tmm5, tmm7",
            "add {rows}, 64",
            "add {below}, 64",
            "add {weights}, {turn}",
            "dec {turns}",
            "jnz 2b",
            "tilestored [{sums} + {width}], tmm0",
            "tilestored [{sums} + {width} + 64], tmm1",
            "tilestored [{half} + {width}], tmm2",
            "tilestored [{half} + {width} + 64], tmm3",
            rows = inout(reg) rows.as_ptr() => _,
            below = inout(reg) rows.as_ptr().add(16 * stride) => _,
            stride = in(reg) stride * 4,
            weights = inout(reg) weights => _,
            line = in(reg) size_of::<[Quads; WIDTH]>(),
            turn = const DEPTH * size_of::<[Quads; WIDTH]>(),
            turns = inout(reg) depth / DEPTH => _,
            sums = in(reg) start,
            half = in(reg) start.add(BLOCK_ROWS / 2),
            width = in(reg) BLOCK_COLUMNS * 4,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }
}
