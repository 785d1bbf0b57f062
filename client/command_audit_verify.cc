#include "client/command_audit_verify.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/audit_parts.h"
#include "client/durable_file.h"
#include "client/entry_proof.h"
#include "client/entry_search.h"
#include "client/error.h"
#include "client/ledger_at_broker.h"
#include "client/ledger_comparison.h"
#include "client/ledger_view.h"
#include "client/local_store.h"
#include "client/mirror_files.h"
#include "client/mirror_parts.h"
#include "client/open_intents.h"
#include "client/quorum.h"
#include "client/reconciliation.h"
#include "client/rpc/broker_link.h"
#include "client/verified_agreement.h"
#include "crypto/hex.h"
#include "crypto/tlog_proof.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

struct VerifyOptions {
  std::string folder;
  std::string agreement;
  std::string vkey;
  std::string policy;
  std::vector<std::string> against;
  bool reconcile = false;
};

// A folder that goes when this does.
class TemporaryFolder {
 public:
  static absl::StatusOr<TemporaryFolder> Make() {
    std::error_code error;
    const std::filesystem::path base =
        std::filesystem::temp_directory_path(error);
    if (error) return absl::UnavailableError("there is no temporary folder");
    std::string path = (base / "entente-audit-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
      return absl::ErrnoToStatus(errno, "cannot make a temporary folder");
    }
    return TemporaryFolder(std::move(path));
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept
      : path_(std::exchange(other.path_, "")) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

// The key that the ledger must be signed by: as given, or else that of the
// profile if an agreement is named; otherwise nothing is pinned.
absl::StatusOr<std::optional<crypto::NoteKey>> PinnedKey(
    Session& session, const VerifyOptions& options) {
  if (options.vkey.empty() && options.agreement.empty()) return std::nullopt;
  if (!options.vkey.empty()) {
    absl::StatusOr<crypto::NoteKey> key = crypto::NoteKey::Parse(options.vkey);
    if (!key.ok()) {
      return UsageError(absl::StrCat("--vkey: ", key.status().message()),
                        "NAME+HASH+BASE64, as in log.vkey");
    }
    return *std::move(key);
  }
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  absl::StatusOr<crypto::NoteKey> key = LedgerKey(*profile, options.agreement);
  if (!key.ok()) return key.status();
  return *std::move(key);
}

// `status`, after a proof of tampering was printed as a report too.
absl::Status Failed(Session& session, const absl::Status& status) {
  if (!absl::IsDataLoss(status)) return status;
  const Failure failure = FromStatus(status);
  session.out().Print(
      {{"verified", false},
       {"problems",
        ListOf({failure.why.empty()
                    ? failure.what
                    : absl::StrCat(failure.what, ": ", failure.why)})},
       {"not_checked", ListOf({"what comes after the first problem"})}});
  return status;
}

// Adds to `record` what comparing with `paths` gave.
absl::Status CompareAll(const std::vector<PartReport>& reports,
                        const std::vector<std::string>& paths,
                        std::vector<Value>* compared,
                        std::vector<std::string>* not_checked) {
  for (const std::string& path : paths) {
    const auto comparison = CompareLedgers(reports, path);
    if (!comparison.ok()) return comparison.status();
    compared->emplace_back(
        Record{{"path", path}, {"heads", comparison->compared}});
    not_checked->insert(not_checked->end(), comparison->not_checked.begin(),
                        comparison->not_checked.end());
  }
  return absl::OkStatus();
}

// Whether `receipt` proves an entry that the verified mirrors do not reach.
// What is no proof is taken for one that they do.
bool IsNewer(const std::string& receipt,
             const std::vector<PartReport>& reports) {
  const auto origin = ClaimedOrigin(receipt);
  const auto proof = crypto::ParseTlogProof(receipt);
  if (!origin.ok() || !proof.ok()) return false;
  for (const PartReport& part : reports) {
    if (part.report.checkpoint.origin == *origin) {
      return proof->index >= part.report.checkpoint.size;
    }
  }
  return true;
}

// What the store of the session's profile knows, held against the ledger in
// `folder`, which is verified. Adds what it found to `record`.
absl::Status Reconcile(Session& session, const std::string& folder,
                       const std::vector<PartReport>& reports, Record* record,
                       std::vector<std::string>* warnings,
                       std::vector<std::string>* not_checked) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  if (profile->settings().role != ProfileRole::kSystem) {
    return UsageError("only a system's profile knows of batches",
                      "name it: --profile");
  }
  const std::string& origin = reports.back().report.checkpoint.origin;
  const auto part = policy::ParsePartName(origin.substr(origin.rfind('/') + 1));
  if (!part.ok()) return part.status();
  const auto store = LocalStore::Open(*profile);
  if (!store.ok()) return store.status();
  Reconciliation reconciliation(profile->settings().agency);
  const auto sent = (*store)->exchange().Accepted(part->ledger);
  if (!sent.ok()) return sent.status();
  uint64_t newer = 0;
  for (const ExchangeTable::AcceptedBatch& batch : *sent) {
    if (IsNewer(batch.receipt, reports)) {
      ++newer;
    } else {
      reconciliation.Sent(batch.batch_id, batch.digest);
    }
  }
  const auto received = (*store)->exchange().Received(part->ledger);
  if (!received.ok()) return received.status();
  for (const ReceivedBatch& batch : *received) {
    if (batch.state != ReceivedState::kAcknowledged) continue;
    if (IsNewer(batch.receipt, reports)) {
      ++newer;
      continue;
    }
    reconciliation.Received(batch.sender, batch.batch_id, batch.digest);
  }
  auto parts = OpenMirrorParts(folder);
  if (!parts.ok()) return parts.status();
  const absl::Status read =
      ForEachEntry(*parts, {}, [&](const FoundEntry& found) {
        reconciliation.See(found.entry);
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  const std::vector<std::string> problems = reconciliation.Problems();
  if (!problems.empty()) {
    return ToStatus({.what = problems.front(),
                     .why = absl::StrCat(problems.size(),
                                         " acts of this agency are not in the "
                                         "ledger as its receipts say"),
                     .next =
                         "keep the profile's store and the mirror, and tell "
                         "the overseer",
                     .code = "NOT_IN_LEDGER",
                     .exit = ExitCode::kVerificationFailed});
  }
  if (newer > 0) {
    not_checked->push_back(absl::StrCat(
        newer,
        " acts of this agency that are newer than the mirror: mirror "
        "again"));
  }
  record->emplace_back("confirmed", reconciliation.confirmed());
  for (const std::string& line : reconciliation.Unknown()) {
    warnings->push_back(line);
  }
  return absl::OkStatus();
}

// Empty if none is named.
absl::StatusOr<std::optional<crypto::TlogPolicy>> ReadPolicy(
    const std::string& path) {
  if (path.empty()) return std::nullopt;
  const auto text = ReadFile(path, crypto::kMaxTlogPolicyBytes);
  if (!text.ok()) return text.status();
  auto policy = crypto::TlogPolicy::Parse(*text);
  if (!policy.ok()) {
    return UsageError(absl::StrCat(path, ":", policy.status().message()),
                      "log VKEY, witness NAME VKEY, group NAME K NAME…, quorum "
                      "NAME|none");
  }
  return *std::move(policy);
}

Record QuorumRecord(const QuorumReport& quorum) {
  std::vector<Value> cosigned;
  for (const CosignedSize& one : quorum.cosigned) {
    cosigned.emplace_back(
        Record{{"witness", one.witness},
               {"size", one.size},
               {"time", absl::FormatTime(one.time, absl::UTCTimeZone())}});
  }
  return {{"quorum_size", quorum.size.value_or(0)},
          {"cosigned", std::move(cosigned)},
          {"missing", ListOf(quorum.missing)}};
}

// Holds the newest part to `policy`: the first entry of each part names what
// the one before held, so whoever cosigns the newest vouches for all.
// That of an agreement is no proof of tampering if the quorum is missing, which
// the ledger and the status say.
absl::Status HoldToPolicy(const PartReport& part,
                          const crypto::TlogPolicy& policy, bool is_agreed,
                          Record* record, std::vector<std::string>* warnings,
                          std::vector<std::string>* not_checked) {
  const uint64_t size = part.report.checkpoint.size;
  const auto quorum = CheckQuorum(part.folder, part.report, policy);
  if (absl::IsNotFound(quorum.status())) {
    return ToStatus(
        {.what = std::string(quorum.status().message()),
         .next = absl::StrCat("add the line: log ", "and what stands in ",
                              part.folder, "/log.vkey, if it is the broker's"),
         .code = "LOG_NOT_IN_POLICY"});
  }
  if (!quorum.ok()) return quorum.status();
  if (!policy.WantsWitnesses()) {
    not_checked->emplace_back(
        "that witnesses saw it: the policy asks for none");
  } else if (!quorum->size.has_value() && is_agreed) {
    warnings->push_back(absl::StrCat(
        "no quorum of the witnesses that the agreement names has cosigned "
        "this ledger; not among them: ",
        absl::StrJoin(quorum->missing, ", ")));
  } else if (!quorum->size.has_value()) {
    return ToStatus(
        {.what = "no quorum of witnesses has cosigned this ledger",
         .why = absl::StrCat("not among them: ",
                             absl::StrJoin(quorum->missing, ", ")),
         .next = "mirror again later; if it stays so, ask the witnesses what "
                 "they were shown",
         .code = "NO_QUORUM",
         .exit = ExitCode::kVerificationFailed});
  } else if (*quorum->size < size) {
    not_checked->push_back(absl::StrCat("that witnesses saw entries ",
                                        *quorum->size, " to ", size - 1,
                                        ": no quorum has cosigned them yet"));
  }
  record->emplace_back("witnesses", QuorumRecord(*quorum));
  return absl::OkStatus();
}

// What was begun and has no outcome, as data; and the like among `not_checked`.
std::vector<Value> DescribeOpen(const OpenIntents& intents, absl::Time as_of,
                                std::vector<std::string>* warnings,
                                std::vector<std::string>* not_checked) {
  std::vector<Value> open;
  for (const OpenIntent& intent : intents.Overdue(as_of)) {
    warnings->push_back(
        absl::StrCat("entry ", PlaceText(intent.place), ": ", intent.sentence));
    open.emplace_back(Record{{"entry", PlaceText(intent.place)},
                             {"kind", policy::EntryKindName(intent.kind)},
                             {"what", intent.sentence}});
  }
  if (intents.unpaired() > 0) {
    not_checked->push_back(absl::StrCat(
        "that each of ", intents.unpaired(),
        " entries of queries has its answer: queries are not built"));
  }
  return open;
}

// `now` unless this ledger is a mirror, which can tell of no time after its
// latest entry.
absl::Status Report(Session& session, const std::string& folder,
                    const std::optional<crypto::NoteKey>& pinned,
                    const VerifyOptions& options, std::optional<absl::Time> now,
                    const policy::Agreement* agreed = nullptr) {
  auto policy = ReadPolicy(options.policy);
  if (!policy.ok()) return policy.status();
  const bool is_agreed = !policy->has_value();
  OpenIntents intents;
  const auto reports =
      VerifyParts(folder, pinned,
                  [&](const Place& place, const policy::LedgerEntry& entry) {
                    intents.See(place, entry);
                  });
  if (!reports.ok()) return Failed(session, reports.status());
  uint64_t files = 0;
  uint64_t checkpoints = 0;
  std::vector<Value> parts;
  std::vector<Value> compared;
  std::vector<std::string> warnings;
  std::vector<std::string> not_checked;
  for (const PartReport& part : *reports) {
    const AuditReport& report = part.report;
    files += report.files;
    checkpoints += report.checkpoints;
    parts.emplace_back(Record{{"origin", report.checkpoint.origin},
                              {"folder", part.folder},
                              {"size", report.checkpoint.size}});
    for (const std::string& line : report.warnings) {
      warnings.push_back(
          reports->size() == 1 ? line : absl::StrCat(part.folder, ": ", line));
    }
    for (const std::string& line : report.not_checked) {
      if (std::find(not_checked.begin(), not_checked.end(), line) ==
          not_checked.end()) {
        not_checked.push_back(line);
      }
    }
  }
  if (absl::Status fits =
          CompareAll(*reports, options.against, &compared, &not_checked);
      !fits.ok()) {
    return Failed(session, fits);
  }
  Record reconciled;
  if (options.reconcile) {
    const absl::Status fits = Reconcile(session, folder, *reports, &reconciled,
                                        &warnings, &not_checked);
    if (!fits.ok()) return Failed(session, fits);
  } else {
    not_checked.emplace_back(
        "that every batch with a receipt is here: a system's profile says so "
        "with --reconcile");
  }
  if (is_agreed && agreed != nullptr) {
    const auto head = ReadMirrorHead(reports->back().folder, std::nullopt);
    if (!head.ok()) return Failed(session, head.status());
    auto of_agreement = PolicyOf(*agreed, head->key);
    if (!of_agreement.ok()) return of_agreement.status();
    *policy = *std::move(of_agreement);
  }
  Record witnessed;
  if (policy->has_value()) {
    const absl::Status held = HoldToPolicy(reports->back(), **policy, is_agreed,
                                           &witnessed, &warnings, &not_checked);
    if (!held.ok()) return Failed(session, held);
  } else {
    not_checked.emplace_back(
        "that witnesses saw it: name them and their quorum with --policy");
  }
  std::vector<Value> open = DescribeOpen(
      intents, now.value_or(intents.latest()), &warnings, &not_checked);
  const crypto::Checkpoint& last = reports->back().report.checkpoint;
  Record record = {{"verified", true},
                   {"origin", last.origin},
                   {"size", last.size},
                   {"root", crypto::ToBase64(last.root)},
                   {"files", files},
                   {"checkpoints", checkpoints},
                   {"problems", std::vector<Value>()},
                   {"warnings", ListOf(warnings)},
                   {"not_checked", ListOf(not_checked)},
                   {"open_intents", std::move(open)}};
  if (parts.size() > 1) record.emplace_back("parts", std::move(parts));
  record.insert(record.end(), witnessed.begin(), witnessed.end());
  record.insert(record.end(), reconciled.begin(), reconciled.end());
  if (!compared.empty()) record.emplace_back("compared", std::move(compared));
  session.out().Print(record);
  return absl::OkStatus();
}

// The version in force, verified, if it says who must have cosigned and no
// policy is given; else null.
absl::StatusOr<std::shared_ptr<const policy::Agreement>> WitnessedAgreement(
    const Profile& profile, const VerifyOptions& options) {
  const std::shared_ptr<const policy::Agreement> none;
  if (options.agreement.empty() || !options.policy.empty()) return none;
  const auto link = BrokerLink::Open(profile);
  if (!link.ok()) return link.status();
  const auto verified =
      FetchVerified(**link, profile, nullptr,
                    options.agreement.substr(0, options.agreement.find('.')),
                    /*version=*/0);
  if (!verified.ok()) {
    // Before it is in force no witness is asked.
    if (FromStatus(verified.status()).code == "NOT_IN_FORCE") return none;
    return verified.status();
  }
  if (!verified->agreement->witnesses.has_value()) return none;
  return verified->agreement;
}

absl::Status VerifyAtBroker(Session& session, const VerifyOptions& options) {
  if (!options.vkey.empty()) {
    return UsageError("--vkey goes with DIR",
                      "without DIR, the profile's pinned key counts");
  }
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const auto ledger =
      LedgerAtBroker::Open(*profile, LedgerIdOf(options.agreement));
  if (!ledger.ok()) return ledger.status();
  const absl::StatusOr<TemporaryFolder> folder = TemporaryFolder::Make();
  if (!folder.ok()) return folder.status();
  LedgerAtBroker& at = **ledger;
  const auto newest = at.Newest();
  if (!newest.ok()) return Failed(session, newest.status());
  const std::string mirror = absl::StrCat(folder->path(), "/ledger");
  const auto mirrored = MirrorParts(at.parts(), at.key(), at.ledger(),
                                    policy::PartName(at.ledger(), *newest),
                                    mirror, /*accepted=*/"");
  if (!mirrored.ok()) return Failed(session, mirrored.status());
  const auto agreed = WitnessedAgreement(*profile, options);
  if (!agreed.ok()) return Failed(session, agreed.status());
  return Report(session, mirror, at.key(), options, session.Now(),
                agreed->get());
}

absl::Status Verify(Session& session, const VerifyOptions& options) {
  if (options.folder.empty()) return VerifyAtBroker(session, options);
  const auto pinned = PinnedKey(session, options);
  if (!pinned.ok()) return pinned.status();
  return Report(session, options.folder, *pinned, options, std::nullopt);
}

}  // namespace

void RegisterAuditVerify(Command& audit) {
  auto options = std::make_shared<VerifyOptions>();
  audit
      .Sub("verify", "Checks a whole ledger; with DIR, asks nobody",
           "entente audit verify ledger/")
      .OptionalPositional("DIR",
                          "What `audit mirror` made; without it, the ledger is "
                          "read from the broker",
                          &options->folder)
      .Option("--agreement", "ID",
              "Whose ledger; without it and DIR, the broker's own",
              &options->agreement)
      .Option("--vkey", "VKEY", "The verifier key that it must be signed by",
              &options->vkey)
      .Option("--policy", "FILE",
              "A tlog-policy: which witnesses must have cosigned it",
              &options->policy)
      .Repeated(
          "--against", "PATH",
          "Compare with what somebody else has: a mirror, a checkpoint or "
          "a proof of this ledger, or a mirror of the broker's own",
          &options->against)
      .Flag("--reconcile",
            "Hold the ledger to what the system's profile has receipts for",
            &options->reconcile)
      .Does(Effect::kReads, Prints::kOne,
            [options](Session& session) { return Verify(session, *options); });
}

}  // namespace entente::client
