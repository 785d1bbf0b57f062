// What the broker counts, for Prometheus.
#ifndef ENTENTE_BROKER_METRICS_H_
#define ENTENTE_BROKER_METRICS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace entente::broker {

// Counters, histograms and gauges. Labels are methods, status codes and stable
// reasons: never an agency, an agreement, an identifier, or text that a peer
// chose. Thread-safe; what counts takes about a microsecond.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // A call of `method` (a path as `/entente.v1.Exchange/SendChunk`) ended with
  // `outcome` after `took`. It is a decision if an agreement decides it, in
  // Exchange and Pseudonyms, and it was answered: allowed; or if it came from
  // Refuse: denied for its first reason.
  void Called(absl::string_view method, const absl::Status& outcome,
              absl::Duration took);
  // A call that the gate turned away, before it was known to be one of ours.
  void TurnedAway(const absl::Status& refusal);
  // A handshake whose certificate does not count.
  void HandshakeRefused();
  // One commit of the sequencer: `jobs` in the group, of which `entries` came.
  void Committed(size_t jobs, size_t entries, absl::Duration took,
                 bool is_durable);

  // A witness was asked; `outcome` is WitnessReplyName's.
  void AskedWitness(absl::string_view outcome);

  // Registers a value that `read` tells whenever the text is made; it may
  // block. What it uses outlives the last call of Text(). Names are unique.
  void AddGauge(const std::string& name, const std::string& help,
                std::function<double()> read);

  // All of it in Prometheus' text format 0.0.4.
  std::string Text();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_METRICS_H_
