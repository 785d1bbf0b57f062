#include "broker/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "broker/ask_witness.h"
#include "broker/rpc/refusal.h"

namespace entente::broker {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;

// Seconds. From a decision to a disk that is in trouble.
const Histogram::BucketBoundaries& SecondBounds() {
  static const auto* const bounds = new Histogram::BucketBoundaries{
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
  return *bounds;
}

// Jobs in one commit; the sequencer's groups end at 128.
const Histogram::BucketBoundaries& JobBounds() {
  static const auto* const bounds =
      new Histogram::BucketBoundaries{1, 2, 4, 8, 16, 32, 64, 128};
  return *bounds;
}

// Whether calls of this method are decided by an agreement.
bool IsDecided(absl::string_view method) {
  return absl::StartsWith(method, "Exchange/") ||
         absl::StartsWith(method, "Pseudonyms/");
}

std::string OutcomeOf(const absl::Status& status) {
  return absl::StatusCodeToString(status.code());
}

}  // namespace

struct Metrics::Parts {
  struct Read {
    prometheus::Gauge* gauge;
    std::function<double()> value;
  };

  Family<Counter>& Count(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  Family<Histogram>& Measure(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(
        registry);
  }

  prometheus::Registry registry;
  Family<Counter>& calls =
      Count("entente_calls_total", "Calls that ended, by method and outcome.");
  Family<Counter>& decisions =
      Count("entente_decisions_total",
            "Calls decided, by decision and stable reason.");
  Family<Histogram>& call_seconds =
      Measure("entente_call_seconds", "From a call's arrival to its answer.");
  Counter& handshakes = Count("entente_handshakes_refused_total",
                              "TLS handshakes whose certificate did not count.")
                            .Add({});
  Family<Counter>& witness_requests =
      Count("entente_witness_requests_total",
            "Questions to witnesses of ledgers, by outcome.");
  Family<Counter>& commits =
      Count("entente_commits_total", "Commits of the sequencer, by outcome.");
  Counter& entries = Count("entente_ledger_entries_written_total",
                           "Entries that became durable since the start.")
                         .Add({});
  Histogram& commit_jobs =
      Measure("entente_commit_jobs", "Writes that shared one commit.")
          .Add({}, JobBounds());
  Histogram& commit_seconds =
      Measure("entente_commit_seconds",
              "One commit: rows, entries, checkpoints, syncs.")
          .Add({}, SecondBounds());

  absl::Mutex mu;
  std::vector<Read> reads ABSL_GUARDED_BY(mu);
};

Metrics::Metrics() : parts_(std::make_unique<Parts>()) {
  // From the start, so that an alarm can watch them.
  for (const WitnessReply::Kind kind :
       {WitnessReply::Kind::kCosigned, WitnessReply::Kind::kOtherSize,
        WitnessReply::Kind::kAhead, WitnessReply::Kind::kRefused,
        WitnessReply::Kind::kInvalid, WitnessReply::Kind::kUnreachable}) {
    parts_->witness_requests.Add(
        {{"outcome", std::string(WitnessReplyName(kind))}});
  }
}
Metrics::~Metrics() = default;

void Metrics::Called(absl::string_view method, const absl::Status& outcome,
                     absl::Duration took) {
  const std::string name(absl::StripPrefix(method, "/entente.v1."));
  parts_->calls.Add({{"method", name}, {"outcome", OutcomeOf(outcome)}})
      .Increment();
  parts_->call_seconds.Add({{"method", name}}, SecondBounds())
      .Observe(absl::ToDoubleSeconds(took));
  const std::vector<Condition> conditions = ConditionsOf(outcome);
  if (outcome.ok() && IsDecided(name)) {
    parts_->decisions.Add({{"decision", "allow"}, {"reason", "ALLOWED"}})
        .Increment();
  } else if (!conditions.empty()) {
    parts_->decisions
        .Add({{"decision", "deny"}, {"reason", conditions.front().reason}})
        .Increment();
  }
}

void Metrics::TurnedAway(const absl::Status& refusal) {
  parts_->calls.Add({{"method", "other"}, {"outcome", OutcomeOf(refusal)}})
      .Increment();
  const std::vector<Condition> conditions = ConditionsOf(refusal);
  if (conditions.empty()) return;
  parts_->decisions
      .Add({{"decision", "deny"}, {"reason", conditions.front().reason}})
      .Increment();
}

void Metrics::HandshakeRefused() { parts_->handshakes.Increment(); }

void Metrics::Committed(size_t jobs, size_t entries, absl::Duration took,
                        bool is_durable) {
  parts_->commits.Add({{"outcome", is_durable ? "durable" : "failed"}})
      .Increment();
  parts_->commit_jobs.Observe(static_cast<double>(jobs));
  parts_->commit_seconds.Observe(absl::ToDoubleSeconds(took));
  if (is_durable) parts_->entries.Increment(static_cast<double>(entries));
}

void Metrics::AskedWitness(absl::string_view outcome) {
  parts_->witness_requests.Add({{"outcome", std::string(outcome)}}).Increment();
}

void Metrics::AddGauge(const std::string& name, const std::string& help,
                       std::function<double()> read) {
  prometheus::Gauge& gauge = prometheus::BuildGauge()
                                 .Name(name)
                                 .Help(help)
                                 .Register(parts_->registry)
                                 .Add({});
  absl::MutexLock lock(&parts_->mu);
  parts_->reads.push_back({&gauge, std::move(read)});
}

std::string Metrics::Text() {
  std::vector<Parts::Read> reads;
  {
    absl::MutexLock lock(&parts_->mu);
    reads = parts_->reads;
  }
  for (const Parts::Read& read : reads) read.gauge->Set(read.value());
  return prometheus::TextSerializer().Serialize(parts_->registry.Collect());
}

}  // namespace entente::broker
