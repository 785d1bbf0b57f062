#include "broker/grant_state.h"

#include "broker/test_glass_rows.h"
#include "gtest/gtest.h"
#include "policy/check.h"
#include "policy/test_glass.h"

namespace entente::broker {
namespace {

absl::Time Start() {
  return absl::FromCivil(absl::CivilHour(2026, 12, 1, 9), absl::UTCTimeZone());
}

std::shared_ptr<const policy::Register> GlassRegister() {
  policy::AgreementRecord record;
  record.id = "isa-small";
  record.versions[1] = {
      *policy::CompiledAgreement::Create(
          *policy::Check("g", policy::GlassDocument()).agreement, {}),
      {},
      true};
  return policy::Register::Create({record});
}

// A grant asked for at Start, with more steps after so many minutes.
GrantState StateAfter(std::vector<std::pair<GlassStep, int>> steps) {
  std::vector<GlassRow> rows = {AskedRow(SmallAsk(Start()))};
  for (const auto& [step, minutes] : steps) {
    rows.push_back(StepRow(rows[0], step, Start() + absl::Minutes(minutes)));
  }
  const auto state = GrantOf(rows, *GlassRegister());
  EXPECT_TRUE(state.ok()) << state.status();
  return state.value_or(GrantState());
}

absl::string_view NameAt(const GrantState& state, absl::Duration after) {
  return PhaseName(state.At(Start() + after));
}

constexpr absl::Duration kTick = absl::Milliseconds(1);

TEST(GrantState, HoldsWhatWasAsked) {
  const certs::BreakGlassAct act = SmallAsk(Start());
  const GrantState state = StateAfter({});
  EXPECT_EQ(state.grant.id, crypto::ToHex(AskedRow(act).grant));
  EXPECT_EQ(state.grant.fields, act.fields);
  EXPECT_EQ(state.grant.case_reference, act.case_reference);
  EXPECT_EQ(state.minutes, act.minutes);
  EXPECT_EQ(state.life.report_hours, 24);
  EXPECT_EQ(state.asker, "north-police");
  EXPECT_EQ(state.approver, "");
  EXPECT_EQ(state.grant.from, absl::InfiniteFuture());
  EXPECT_EQ(state.due(), absl::InfiniteFuture());
}

TEST(GrantState, WaitsAnHourForItsSecondSignature) {
  const GrantState state = StateAfter({});
  EXPECT_EQ(NameAt(state, absl::ZeroDuration()), "asked");
  EXPECT_EQ(NameAt(state, kMaxApprovalWait - kTick), "asked");
  EXPECT_EQ(NameAt(state, kMaxApprovalWait), "lapsed");
  EXPECT_EQ(NameAt(StateAfter({{GlassStep::kClosed, 5}}), absl::Minutes(6)),
            "closed");
  EXPECT_EQ(NameAt(StateAfter({{GlassStep::kEnded, 5}}), absl::Minutes(6)),
            "closed");
  EXPECT_EQ(NameAt(StateAfter({{GlassStep::kEnded, 61}}), absl::Hours(2)),
            "lapsed");
}

TEST(GrantState, IsOpenFromItsApprovalForItsMinutes) {
  const GrantState state = StateAfter({{GlassStep::kApproved, 10}});
  EXPECT_EQ(state.grant.from, Start() + absl::Minutes(10));
  EXPECT_EQ(state.grant.until, Start() + absl::Minutes(40));
  EXPECT_EQ(state.approver, "west-police");
  EXPECT_EQ(NameAt(state, absl::Minutes(10)), "open");
  EXPECT_EQ(NameAt(state, absl::Minutes(40) - kTick), "open");
  EXPECT_EQ(NameAt(state, absl::Minutes(40)), "report_due");
}

TEST(GrantState, EndsEarlierIfSomebodyEndsIt) {
  for (const GlassStep step : {GlassStep::kClosed, GlassStep::kEnded}) {
    const GrantState state =
        StateAfter({{GlassStep::kApproved, 10}, {step, 15}});
    EXPECT_EQ(state.grant.until, Start() + absl::Minutes(15));
    EXPECT_EQ(state.due(), Start() + absl::Minutes(15) + absl::Hours(24));
    EXPECT_EQ(NameAt(state, absl::Minutes(15)), "report_due");
  }
  // What was noted late ended when its time was over.
  EXPECT_EQ(StateAfter({{GlassStep::kApproved, 10}, {GlassStep::kEnded, 50}})
                .grant.until,
            Start() + absl::Minutes(40));
}

TEST(GrantState, ItsReportIsDueAndThenOverdueUntilItIsFiled) {
  const GrantState state = StateAfter({{GlassStep::kApproved, 0}});
  const absl::Duration due = absl::Minutes(30) + absl::Hours(24);
  EXPECT_EQ(NameAt(state, due - kTick), "report_due");
  EXPECT_EQ(NameAt(state, due), "report_overdue");
  EXPECT_EQ(NameAt(state, absl::Hours(24 * 365)), "report_overdue");
  EXPECT_EQ(NameAt(StateAfter({{GlassStep::kApproved, 0},
                               {GlassStep::kReported, 9000}}),
                   absl::Hours(24 * 365)),
            "reported");
}

TEST(GrantState, WhatDoesNotReadIsDataLoss) {
  GlassRow row = AskedRow(SmallAsk(Start()));
  EXPECT_TRUE(absl::IsDataLoss(GrantOf({}, *GlassRegister()).status()));
  row.envelope.pop_back();
  EXPECT_TRUE(absl::IsDataLoss(GrantOf({row}, *GlassRegister()).status()));
  row.step = GlassStep::kApproved;
  EXPECT_TRUE(absl::IsDataLoss(GrantOf({row}, *GlassRegister()).status()));
}

TEST(GrantState, TheNoticeSaysUntilWhen) {
  const auto until = [](const GrantState& state, absl::Duration after) {
    v1::BreakGlassNotice notice;
    FillNotice(state, Start() + after, &notice);
    EXPECT_EQ(notice.grant().size(), 32u);
    EXPECT_EQ(notice.asked_by(), "north-police");
    return absl::FromUnixSeconds(notice.until_time().seconds()) - Start();
  };
  EXPECT_EQ(until(StateAfter({}), absl::Minutes(1)), kMaxApprovalWait);
  const GrantState open = StateAfter({{GlassStep::kApproved, 10}});
  EXPECT_EQ(until(open, absl::Minutes(11)), absl::Minutes(40));
  EXPECT_EQ(until(open, absl::Minutes(41)), absl::Minutes(40 + 24 * 60));
}

}  // namespace
}  // namespace entente::broker
