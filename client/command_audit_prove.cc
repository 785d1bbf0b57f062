#include "client/command_audit_prove.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/durable_file.h"
#include "client/entry_proof.h"
#include "client/error.h"
#include "client/json_value.h"
#include "client/ledger_at_broker.h"
#include "client/ledger_view.h"
#include "client/mirror_files.h"
#include "client/mirror_parts.h"
#include "client/proved_log.h"
#include "crypto/hex.h"
#include "crypto/tlog_proof.h"
#include "policy/ledger_part.h"

namespace entente::client {
namespace {

// What --part is when it is not given.
constexpr uint64_t kLastPart = uint64_t{policy::kMaxLedgerPart} + 1;

struct ProveOptions {
  std::string index;
  std::string agreement;
  std::string mirror;
  std::string out;
  uint64_t part = kLastPart;
};

struct CheckOptions {
  std::string file;
  std::string entry;
  std::string vkey;
};

// An entry with its proof, from wherever it came.
struct ShownProof {
  std::string line;
  std::string proof;
  std::string vkey;
};

absl::StatusOr<ShownProof> FromMirror(const ProveOptions& options,
                                      uint64_t index) {
  uint64_t part = options.part;
  if (part == kLastPart) {
    const auto later = MirroredLater(options.mirror);
    if (!later.ok()) return later.status();
    part = later->empty() ? 0 : later->back();
  }
  const std::string folder =
      PartFolder(options.mirror, static_cast<uint32_t>(part));
  const auto head = ReadMirrorHead(folder, std::nullopt);
  if (!head.ok()) return head.status();
  const auto log = OpenMirror(folder, head->key);
  if (!log.ok()) return log.status();
  auto line = (*log)->Line(index);
  if (!line.ok()) return line.status();
  auto proof = (*log)->Proof(index);
  if (!proof.ok()) return proof.status();
  return ShownProof{*std::move(line), *std::move(proof), head->key.ToString()};
}

absl::StatusOr<ShownProof> FromBroker(Session& session,
                                      const ProveOptions& options,
                                      uint64_t index) {
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) return profile.status();
  const auto ledger =
      LedgerAtBroker::Open(*profile, LedgerIdOf(options.agreement));
  if (!ledger.ok()) return ledger.status();
  std::optional<uint32_t> part;
  if (options.part != kLastPart) part = static_cast<uint32_t>(options.part);
  absl::StatusOr<EntryReader> reader = (*ledger)->Read(part);
  if (!reader.ok()) return reader.status();
  absl::StatusOr<VerifiedEntry> read = reader->Read(index);
  if (!read.ok()) return read.status();
  if (absl::Status kept = (*ledger)->Remember(*reader); !kept.ok()) return kept;
  return ShownProof{std::move(read->line), std::move(read->proof),
                    reader->key().ToString()};
}

absl::Status Prove(Session& session, const ProveOptions& options) {
  uint64_t index = 0;
  if (!absl::SimpleAtoi(options.index, &index)) {
    return UsageError("INDEX is a whole number", "as `audit list` prints it");
  }
  if (!options.mirror.empty() && !options.agreement.empty()) {
    return UsageError("the entry comes from a mirror or from the broker",
                      "give --mirror or --agreement");
  }
  const auto shown = options.mirror.empty()
                         ? FromBroker(session, options, index)
                         : FromMirror(options, index);
  if (!shown.ok()) return shown.status();
  const auto key = crypto::NoteKey::Parse(shown->vkey);
  if (!key.ok()) return key.status();
  // What is given away is checked as its receiver will.
  const auto checked = CheckEntryProof(shown->proof, shown->line, *key);
  if (!checked.ok()) return checked.status();
  const std::string name =
      options.out.empty() ? absl::StrCat("entry-", index) : options.out;
  if (absl::Status written = WriteEntryProof(name, shown->line, shown->proof);
      !written.ok()) {
    return written;
  }
  session.out().Print({{"origin", checked->checkpoint.origin},
                       {"index", checked->index},
                       {"proof", absl::StrCat(name, kProofSuffix)},
                       {"entry", absl::StrCat(name, kEntrySuffix)},
                       {"size", checked->checkpoint.size},
                       {"vkey", shown->vkey}});
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadPresented(const std::string& path) {
  absl::StatusOr<std::string> content =
      ReadFile(path, crypto::kMaxTlogProofBytes);
  if (absl::IsInvalidArgument(content.status())) {
    return VerificationError(absl::StrCat(path, " is too large"), "");
  }
  return content;
}

// The key as given, or else the profile's for the ledger that `proof` claims to
// be of.
absl::StatusOr<crypto::NoteKey> CheckingKey(Session& session,
                                            const CheckOptions& options,
                                            absl::string_view proof) {
  if (!options.vkey.empty()) {
    absl::StatusOr<crypto::NoteKey> key = crypto::NoteKey::Parse(options.vkey);
    if (key.ok()) return key;
    return UsageError(absl::StrCat("--vkey: ", key.status().message()),
                      "NAME+HASH+BASE64, as in log.vkey");
  }
  const absl::StatusOr<Profile> profile = session.OpenProfile();
  if (!profile.ok()) {
    return Annotate(profile.status(),
                    "without --vkey, the key comes from a profile");
  }
  const absl::StatusOr<std::string> origin = ClaimedOrigin(proof);
  if (!origin.ok()) return origin.status();
  const std::string ours =
      absl::StrCat(profile->settings().broker_name, "/ledgers/");
  if (!absl::StartsWith(*origin, ours)) {
    return VerificationError(
        absl::StrCat("the proof is of ", *origin,
                     ", which is no ledger of the profile's broker"),
        "give the key of that log with --vkey");
  }
  return LedgerKey(*profile, origin->substr(ours.size()));
}

absl::Status Check(Session& session, const CheckOptions& options) {
  const std::string entry_file =
      options.entry.empty()
          ? absl::StrCat(absl::StripSuffix(options.file, kProofSuffix),
                         kEntrySuffix)
          : options.entry;
  const auto proof = ReadPresented(options.file);
  if (!proof.ok()) return proof.status();
  const auto line = ReadPresented(entry_file);
  if (!line.ok()) return line.status();
  const auto key = CheckingKey(session, options, *proof);
  if (!key.ok()) return key.status();
  const auto checked = CheckEntryProof(*proof, *line, *key);
  if (!checked.ok()) return checked.status();
  absl::StatusOr<Value> entry = ReadJson(checked->line);
  if (!entry.ok()) return entry.status();
  session.out().Print(
      {{"verified", true},
       {"origin", checked->checkpoint.origin},
       {"index", checked->index},
       {"size", checked->checkpoint.size},
       {"root", crypto::ToBase64(checked->checkpoint.root)},
       {"entry", *std::move(entry)},
       {"not_checked",
        ListOf({"that others were shown the same history: compare the "
                "checkpoint with theirs",
                "that what the entry says is true: it is what the broker "
                "recorded"})}});
  return absl::OkStatus();
}

}  // namespace

void RegisterAuditProve(Command& audit) {
  auto prove = std::make_shared<ProveOptions>();
  audit
      .Sub("prove",
           "Writes an entry and its proof, to be shown to somebody else",
           "entente audit prove 17 --agreement ID --out entry-17")
      .Positional("INDEX", "Its place in the ledger, from 0", &prove->index)
      .Option("--agreement", "ID",
              "Whose ledger, at the broker; the broker's own without it",
              &prove->agreement)
      .Option("--mirror", "DIR", "From this mirror, without asking the broker",
              &prove->mirror)
      .Number("--part", "N",
              "Which part of a ledger that was continued; 0 is the first, the "
              "newest if not said",
              &prove->part, 0, policy::kMaxLedgerPart)
      .Option("--out", "NAME",
              "Writes NAME.tlog-proof and NAME.json; entry-INDEX if not said",
              &prove->out)
      .Does(Effect::kReads, Prints::kOne,
            [prove](Session& session) { return Prove(session, *prove); });
  auto check = std::make_shared<CheckOptions>();
  audit
      .Sub("check", "Checks an entry's proof with the log's key alone",
           "entente audit check entry-17.tlog-proof --vkey VKEY")
      .Positional("FILE", "The proof; the entry lies beside it, as .json",
                  &check->file)
      .Option("--entry", "FILE", "The entry, if it lies elsewhere",
              &check->entry)
      .Option("--vkey", "VKEY",
              "The verifier key of the log; the profile's if not said",
              &check->vkey)
      .Does(Effect::kReads, Prints::kOne,
            [check](Session& session) { return Check(session, *check); });
}

}  // namespace entente::client
