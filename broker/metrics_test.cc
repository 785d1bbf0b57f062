#include "broker/metrics.h"

#include "absl/strings/match.h"
#include "broker/rpc/refusal.h"
#include "broker/test_broker.h"
#include "gtest/gtest.h"

namespace entente::broker {
namespace {

constexpr char kSend[] = "/entente.v1.Exchange/SendChunk";

bool Says(Metrics& metrics, const std::string& line) {
  return absl::StrContains("\n" + metrics.Text(), "\n" + line + "\n");
}

TEST(Metrics, CountCallsByMethodAndOutcome) {
  Metrics metrics;
  metrics.Called(kSend, absl::OkStatus(), absl::Milliseconds(3));
  metrics.Called(kSend, absl::OkStatus(), absl::Seconds(3));
  metrics.Called(kSend, absl::UnavailableError("x"), absl::Seconds(1));
  EXPECT_TRUE(Says(
      metrics,
      "entente_calls_total{method=\"Exchange/SendChunk\",outcome=\"OK\"} 2"))
      << metrics.Text();
  EXPECT_TRUE(Says(metrics,
                   "entente_calls_total{method=\"Exchange/SendChunk\",outcome="
                   "\"UNAVAILABLE\"} 1"));
  EXPECT_TRUE(Says(metrics,
                   "entente_call_seconds_count{method=\"Exchange/SendChunk\"} "
                   "3"));
  EXPECT_TRUE(Says(metrics,
                   "entente_call_seconds_bucket{method=\"Exchange/"
                   "SendChunk\",le=\"0.005\"} 1"));
}

TEST(Metrics, CountDecisionsByTheirFirstReason) {
  Metrics metrics;
  metrics.Called(kSend, absl::OkStatus(), absl::ZeroDuration());
  // Nothing was decided there.
  metrics.Called("/entente.v1.Directory/GetStatus", absl::OkStatus(),
                 absl::ZeroDuration());
  metrics.Called(kSend, Refuse(policy::Reason::kNoAgreement, ""),
                 absl::ZeroDuration());
  metrics.Called(kSend,
                 Refuse(absl::StatusCode::kPermissionDenied,
                        {{"PURPOSE_NOT_ALLOWED", "flows[0]", "detail", ""},
                         {"FIELD_NOT_RELEASED", "", "", ""}}),
                 absl::ZeroDuration());
  metrics.Called(kSend, absl::InternalError("x"), absl::ZeroDuration());
  EXPECT_TRUE(
      Says(metrics,
           "entente_decisions_total{decision=\"allow\",reason=\"ALLOWED\"} 1"));
  EXPECT_TRUE(Says(
      metrics,
      "entente_decisions_total{decision=\"deny\",reason=\"NO_AGREEMENT\"} 1"));
  EXPECT_TRUE(Says(metrics,
                   "entente_decisions_total{decision=\"deny\",reason="
                   "\"PURPOSE_NOT_ALLOWED\"} 1"));
  EXPECT_FALSE(absl::StrContains(metrics.Text(), "FIELD_NOT_RELEASED"));
}

// What a peer chose cannot become a label.
TEST(Metrics, HoldNothingThatAPeerWrote) {
  Metrics metrics;
  metrics.Called(
      kSend, Refuse(policy::Reason::kNoAgreement, "detail-of-peer", "clause-x"),
      absl::ZeroDuration());
  metrics.TurnedAway(Refuse(absl::StatusCode::kUnimplemented,
                            {{"UNKNOWN_METHOD", "", "path-of-peer", ""}}));
  const std::string text = metrics.Text();
  for (const char* word : {"detail-of-peer", "clause-x", "path-of-peer"}) {
    EXPECT_FALSE(absl::StrContains(text, word)) << word;
  }
  EXPECT_TRUE(
      Says(metrics,
           "entente_calls_total{method=\"other\",outcome=\"UNIMPLEMENTED\"} 1"))
      << text;
}

TEST(Metrics, CountRefusedHandshakes) {
  Metrics metrics;
  EXPECT_TRUE(Says(metrics, "entente_handshakes_refused_total 0"));
  metrics.HandshakeRefused();
  EXPECT_TRUE(Says(metrics, "entente_handshakes_refused_total 1"));
}

TEST(Metrics, ReadGaugesWhenAsked) {
  Metrics metrics;
  double value = 1.5;
  metrics.AddGauge("entente_x", "Help.", [&value] { return value; });
  EXPECT_TRUE(Says(metrics, "entente_x 1.5"));
  value = 2;
  EXPECT_TRUE(Says(metrics, "entente_x 2"));
  EXPECT_TRUE(Says(metrics, "# TYPE entente_x gauge"));
  EXPECT_TRUE(Says(metrics, "# HELP entente_x Help."));
}

TEST(Metrics, MeasureTheSequencersCommits) {
  Metrics metrics;
  TestBroker broker;
  broker.Stop();
  broker.options.committed = [&](size_t jobs, size_t entries,
                                 absl::Duration took, bool is_durable) {
    metrics.Committed(jobs, entries, took, is_durable);
  };
  ASSERT_TRUE(broker.Start().ok());
  ASSERT_TRUE(broker.OpenLedger("north-south").ok());
  ASSERT_TRUE(broker.Append("north-south", 5).ok());
  // An entry for a ledger that there is not: undone, within a commit that
  // stands.
  EXPECT_FALSE(broker.Append("absent", 1).ok());
  broker.Stop();
  EXPECT_TRUE(Says(metrics, "entente_commits_total{outcome=\"durable\"} 3"))
      << metrics.Text();
  EXPECT_TRUE(Says(metrics, "entente_ledger_entries_written_total 5"));
  EXPECT_TRUE(Says(metrics, "entente_commit_seconds_count 3"));
  EXPECT_TRUE(Says(metrics, "entente_commit_jobs_sum 3"));
  metrics.Committed(1, 9, absl::Seconds(1), false);
  EXPECT_TRUE(Says(metrics, "entente_commits_total{outcome=\"failed\"} 1"));
  EXPECT_TRUE(Says(metrics, "entente_ledger_entries_written_total 5"));
}

}  // namespace
}  // namespace entente::broker
