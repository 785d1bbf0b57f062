#include "client/enrolment.h"

#include <sodium.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/enrolment_state.h"
#include "client/error.h"
#include "client/final_refusal.h"
#include "client/parallel_ranges.h"
#include "client/rpc/connection.h"
#include "client/rpc/receipts.h"
#include "client/stop_signal.h"
#include "crypto/identifier_element.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"
#include "policy/ledger_entry.h"

namespace entente::client {
namespace {

using crypto::AsBytes;
using crypto::AsText;

// Requests that are prepared and finished together, each on its own core.
constexpr size_t kAtOnce = 2;

using References = std::map<std::string, std::vector<std::string>>;

// One request on its way.
struct Request {
  PendingRequest state;
  std::optional<crypto::BlindedBatch> blinded;
  v1::EnrolResponse answer;
  std::vector<crypto::Point> pseudonyms;
};

absl::Status Blind(const Dealings& dealings, const crypto::Secret& pepper,
                   Request* request) {
  std::vector<crypto::Point> inputs;
  for (const std::string& identifier : request->state.identifiers) {
    const auto element = crypto::IdentifierElement(
        pepper, dealings.verified.id(), request->state.scheme, identifier);
    if (!element.ok()) return element.status();
    inputs.push_back(*element);
  }
  auto blinded =
      crypto::BlindedBatch::CreateWith(inputs, request->state.blinds);
  if (!blinded.ok()) return blinded.status();
  request->blinded = *std::move(blinded);
  return absl::OkStatus();
}

absl::Status Ask(const Dealings& dealings, Request* request) {
  const absl::StatusOr<KeptCheckpoint> known = dealings.view.Known();
  if (!known.ok()) return known.status();
  v1::EnrolRequest packed;
  packed.set_agreement(dealings.verified.id());
  packed.set_version(dealings.verified.version);
  packed.set_scheme(request->state.scheme);
  packed.set_epoch(request->state.epoch);
  packed.set_request_id(std::string(AsText(request->state.request_id)));
  packed.set_blinded(
      std::string(AsText(crypto::PackPoints(request->blinded->blinded()))));
  SetKnown(*known, packed.mutable_known());
  auto answer =
      Call(dealings.link.pseudonyms(), &v1::Pseudonyms::Stub::Enrol, packed);
  if (!answer.ok()) return answer.status();
  request->answer = *std::move(answer);
  const auto receipt =
      AcceptReceipt(dealings.view, *known, request->answer.receipt(),
                    policy::EntryKind::kEnrolment);
  if (!receipt.ok()) return receipt.status();
  const policy::LedgerEntry& entry = receipt->entry;
  const auto scheme = entry.detail.find("scheme");
  if (entry.agreement != dealings.verified.id() ||
      entry.subject !=
          crypto::ToHex(crypto::Sha256(AsBytes(packed.blinded()))) ||
      entry.records != request->state.identifiers.size() ||
      scheme == entry.detail.end() || scheme->second != request->state.scheme) {
    return VerificationError(
        "the ledger does not say what was enrolled",
        absl::StrCat("entry ", receipt->index, " of the agreement's ledger"));
  }
  return absl::OkStatus();
}

absl::Status Finish(const crypto::Point& domain_key, Request* request) {
  const auto evaluated =
      crypto::ParsePoints(AsBytes(request->answer.evaluated()));
  auto pseudonyms = evaluated.ok() ? request->blinded->Finish(
                                         domain_key, *evaluated,
                                         AsBytes(request->answer.proof()))
                                   : evaluated.status();
  if (!pseudonyms.ok()) {
    return VerificationError(
        "the broker's answer to the enrolment does not verify",
        std::string(pseudonyms.status().message()));
  }
  request->pseudonyms = *std::move(pseudonyms);
  return absl::OkStatus();
}

absl::Status Store(const Dealings& dealings, const Request& request) {
  std::vector<EnrolledRow> rows;
  for (size_t i = 0; i < request.pseudonyms.size(); ++i) {
    for (const std::string& reference : request.state.references[i]) {
      rows.push_back(
          {request.state.identifiers[i], request.pseudonyms[i], reference});
    }
  }
  PseudonymTable& table = dealings.store.pseudonyms();
  const absl::Status added = table.Add(
      {dealings.verified.id(), request.state.scheme, request.state.epoch},
      rows);
  if (!added.ok()) return added;
  return table.DropPending(RequestName(request.state));
}

absl::StatusOr<crypto::Point> DomainKey(const Dealings& dealings) {
  const std::string& agency = dealings.profile.settings().agency;
  const certs::DomainKey* domain =
      dealings.verified.manifest.FindDomain(agency, crypto::Role::kMatching);
  if (domain != nullptr) return domain->key;
  return ToStatus(
      {.what = absl::StrCat(agency, " enrols nobody under this agreement"),
       .why = "it sends nothing, and what it receives it may only join",
       .next = "the signatories can change the agreement",
       .code = "DOMAIN_SEALED",
       .exit = ExitCode::kRefused});
}

// Blinded and stored requests: sends them, and stores what comes back.
absl::Status Complete(const Dealings& dealings, std::vector<Request>* wave) {
  const absl::StatusOr<crypto::Point> key = DomainKey(dealings);
  if (!key.ok()) return key.status();
  size_t answered = 0;
  absl::Status asked;
  for (; answered < wave->size(); ++answered) {
    Request& request = (*wave)[answered];
    asked = Ask(dealings, &request);
    if (asked.ok()) continue;
    if (IsFinalRefusal(asked)) {
      const absl::Status dropped =
          dealings.store.pseudonyms().DropPending(RequestName(request.state));
      if (!dropped.ok()) return dropped;
    }
    break;
  }
  const absl::Status finished =
      InParallel(answered, [&](size_t begin, size_t end) {
        for (size_t i = begin; i < end; ++i) {
          const absl::Status done = Finish(*key, &(*wave)[i]);
          if (!done.ok()) return done;
        }
        return absl::OkStatus();
      });
  if (!finished.ok()) return finished;
  for (size_t i = 0; i < answered; ++i) {
    const absl::Status stored = Store(dealings, (*wave)[i]);
    if (!stored.ok()) return stored;
  }
  return asked;
}

absl::Status BlindAll(const Dealings& dealings, const crypto::Secret& pepper,
                      std::vector<Request>* wave) {
  return InParallel(wave->size(), [&](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const absl::Status done = Blind(dealings, pepper, &(*wave)[i]);
      if (!done.ok()) return done;
    }
    return absl::OkStatus();
  });
}

absl::Status EnrolFresh(const Dealings& dealings, const crypto::Secret& pepper,
                        const std::string& scheme, const References& fresh) {
  auto next = fresh.begin();
  while (next != fresh.end()) {
    if (absl::Status stop = StopSignal::Check(); !stop.ok()) return stop;
    std::vector<Request> wave;
    while (next != fresh.end() && wave.size() < kAtOnce) {
      Request request;
      request.state.scheme = scheme;
      request.state.epoch = dealings.verified.manifest.epoch;
      randombytes_buf(request.state.request_id.data(),
                      request.state.request_id.size());
      for (size_t n = 0; n < crypto::kMaxVoprfBatch && next != fresh.end();
           ++n, ++next) {
        const auto blind = crypto::SecretScalar::Random();
        if (!blind.ok()) return blind.status();
        request.state.blinds.push_back(*blind);
        request.state.identifiers.push_back(next->first);
        request.state.references.push_back(next->second);
      }
      wave.push_back(std::move(request));
    }
    if (absl::Status s = BlindAll(dealings, pepper, &wave); !s.ok()) return s;
    for (const Request& request : wave) {
      const absl::Status put = PutPendingRequest(
          dealings.verified.id(), request.state, &dealings.store.pseudonyms());
      if (!put.ok()) return put;
    }
    if (absl::Status s = Complete(dealings, &wave); !s.ok()) return s;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ResumeEnrolments(const Dealings& dealings,
                              const crypto::Secret& pepper) {
  auto pending =
      PendingRequests(dealings.verified.id(), &dealings.store.pseudonyms());
  if (!pending.ok()) return pending.status();
  for (PendingRequest& state : *pending) {
    if (state.epoch != dealings.verified.manifest.epoch) {
      const absl::Status dropped =
          dealings.store.pseudonyms().DropPending(RequestName(state));
      if (!dropped.ok()) return dropped;
      continue;
    }
    std::vector<Request> wave(1);
    wave.front().state = std::move(state);
    if (absl::Status s = BlindAll(dealings, pepper, &wave); !s.ok()) return s;
    const absl::Status done = Complete(dealings, &wave);
    // What the broker refuses for good was forgotten; the rows are enrolled
    // again if they are still in the file.
    if (!done.ok() && !IsFinalRefusal(done)) return done;
  }
  return absl::OkStatus();
}

absl::StatusOr<EnrolmentCounts> Enrol(const Dealings& dealings,
                                      const crypto::Secret& pepper,
                                      const std::string& scheme,
                                      absl::Span<const Enrollee> rows) {
  References by_identifier;
  for (const Enrollee& row : rows) {
    by_identifier[row.identifier].push_back(row.reference);
  }
  PseudonymTable& table = dealings.store.pseudonyms();
  const PseudonymScope scope = {dealings.verified.id(), scheme,
                                dealings.verified.manifest.epoch};
  References fresh;
  std::vector<EnrolledRow> known;
  EnrolmentCounts counts;
  counts.identifiers = by_identifier.size();
  for (auto& [identifier, references] : by_identifier) {
    const auto found = table.Find(scope, identifier);
    if (!found.ok()) return found.status();
    if (!found->has_value()) {
      fresh.emplace(identifier, std::move(references));
      continue;
    }
    for (std::string& reference : references) {
      known.push_back({identifier, **found, std::move(reference)});
    }
  }
  counts.fresh = fresh.size();
  const absl::Status added = table.Add(scope, known);
  if (!added.ok()) return added;
  const absl::Status enrolled = EnrolFresh(dealings, pepper, scheme, fresh);
  if (!enrolled.ok()) return enrolled;
  return counts;
}

}  // namespace entente::client
