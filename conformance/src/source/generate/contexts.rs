//! Ops on contexts: modes, sizes, timeouts, callbacks.

use session_model::{CacheMode, ContextRef, Timeout};

use super::Generator;
use super::callbacks::draw_callbacks;
use super::ids::draw_long_id_context;
use crate::op::Op;
use crate::source::choices::Choices;

/// Any of the 64 combinations of flags: the role mostly fits, and the flags beside it come as often as not.
pub(super) fn draw_mode(choices: &mut impl Choices, client: bool) -> CacheMode {
    let own = if client { CacheMode::CLIENT } else { CacheMode::SERVER };
    let other = if client { CacheMode::SERVER } else { CacheMode::CLIENT };
    let role = choices.pick(&[own, own, own, CacheMode::BOTH, CacheMode::BOTH, other, CacheMode::OFF, own]);
    if choices.below(3) == 0 {
        return role;
    }
    let rare =
        [CacheMode::UPDATE_TIME, CacheMode::NO_AUTO_CLEAR, CacheMode::NO_INTERNAL_STORE, CacheMode::NO_INTERNAL_LOOKUP];
    rare.into_iter().fold(role, |mode, flag| if choices.below(8) < 3 { mode | flag } else { mode })
}

/// Small ones, so that the limit is met; none, and the library's own.
pub(super) fn draw_size(choices: &mut impl Choices) -> u32 {
    match choices.below(16) {
        0..=10 => choices.pick(&[1, 2, 3]),
        11 => 5,
        12 | 13 => 0,
        14 => choices.pick(&[254, 255, 256]),
        _ => 20480,
    }
}

impl<C: Choices> Generator<'_, C> {
    /// A context, the first one favoured; one that is freed only rarely.
    pub(super) fn a_context(&mut self) -> ContextRef {
        if self.plan.contexts == 1 {
            return ContextRef(0);
        }
        let n = self.choices.below(self.plan.contexts + 1) % self.plan.contexts;
        if self.known.contexts[n as usize].alive || self.choices.one_in(64) {
            return ContextRef(n as u8);
        }
        let alive = self.known.contexts.iter().position(|context| context.alive).unwrap_or(0);
        ContextRef(alive as u8)
    }

    pub(super) fn on_a_context(&mut self, op: fn(ContextRef) -> Op) {
        let context = self.a_context();
        self.ops.push(op(context));
    }

    pub(super) fn set_session_cache_mode(&mut self) {
        let context = self.a_context();
        let mode = draw_mode(self.choices, context.0 == 1);
        self.ops.push(Op::SetSessionCacheMode(context, mode));
    }

    pub(super) fn sess_set_cache_size(&mut self) {
        let context = self.a_context();
        let size = draw_size(self.choices);
        self.ops.push(Op::SessSetCacheSize(context, size));
    }

    pub(super) fn set_timeout(&mut self) {
        let context = self.a_context();
        let timeout = self.timeout_from(self.known.clock);
        self.known.context(context).timeout = timeout;
        self.ops.push(Op::SetTimeout(context, Timeout(timeout.into())));
    }

    pub(super) fn set_session_id_context(&mut self) {
        let context = self.a_context();
        let id_context = draw_long_id_context(self.choices);
        if let Some(fits) = session_model::IdContext::new(id_context.as_bytes()) {
            self.known.context(context).id_context = fits;
        }
        self.ops.push(Op::SetSessionIdContext(context, id_context));
    }

    pub(super) fn set_callbacks(&mut self) {
        let context = self.a_context();
        let callbacks = draw_callbacks(self.choices);
        self.ops.push(Op::SetCallbacks(context, callbacks));
    }

    /// Frees a context, mostly after its connections are gone, since it is absent before.
    pub(super) fn ctx_free(&mut self) {
        let context = self.a_context();
        if !self.choices.one_in(8) {
            self.hang_up();
            self.known.context(context).alive = false;
        }
        self.ops.push(Op::CtxFree(context));
    }
}
