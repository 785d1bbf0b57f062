#include "client/witness.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/key_file.h"
#include "crypto/cosignature.h"
#include "crypto/hex.h"
#include "crypto/merkle.h"
#include "crypto/secret.h"
#include "crypto/sha.h"

namespace entente::client {
namespace {

constexpr absl::string_view kWitnessKeyKind = "witness";
constexpr size_t kMaxVerifierKeyBytes = 4096;

std::string InFolder(const std::string& folder, absl::string_view file) {
  return absl::StrCat(folder, "/", file);
}

WitnessAnswer Refusal(int status, absl::string_view why) {
  return {status, "text/plain; charset=utf-8", absl::StrCat(why, "\n")};
}

// A tree of no entries has one root only.
bool IsEmptyTreeWithEntries(absl::string_view text) {
  const size_t origin_end = text.find('\n');
  return origin_end != absl::string_view::npos &&
         absl::StartsWith(text.substr(origin_end + 1), "0\n");
}

absl::StatusOr<crypto::SigningKey> ReadSigningKey(const std::string& folder) {
  const absl::StatusOr<crypto::Secret> key =
      ReadKeyFile(InFolder(folder, "key"), kWitnessKeyKind);
  if (!key.ok()) return key.status();
  crypto::WipedArray<kKeyBytes> seed;
  std::copy(key->Expose().begin(), key->Expose().end(), seed.begin());
  return crypto::SigningKey::TakeSeed({seed.data(), seed.size()});
}

absl::Status DamagedFile(const std::string& path, const absl::Status& why) {
  return absl::DataLossError(
      absl::StrCat(path, " is damaged: ", why.message()));
}

}  // namespace

Witness::Witness(std::string folder, FolderLock lock, crypto::SigningKey key,
                 crypto::NoteKey verifier, TrustedLogs logs)
    : folder_(std::move(folder)),
      lock_(std::move(lock)),
      key_(std::move(key)),
      public_(std::move(verifier)),
      logs_(std::move(logs)) {}

absl::StatusOr<crypto::NoteKey> Witness::Create(const std::string& folder,
                                                absl::string_view name) {
  absl::StatusOr<crypto::SigningKey> key = crypto::SigningKey::Generate();
  if (!key.ok()) return key.status();
  absl::StatusOr<crypto::NoteKey> verifier = crypto::NoteKey::Create(
      name, crypto::NoteKeyType::kCosignature, key->public_key());
  if (!verifier.ok()) return verifier.status();
  if (Exists(InFolder(folder, "key"))) {
    return absl::AlreadyExistsError(
        absl::StrCat("there is a witness in ", folder));
  }
  const std::string seen = InFolder(folder, "seen");
  if (absl::Status made = MakeFolders(seen); !made.ok()) return made;
  const absl::StatusOr<FolderLock> lock = FolderLock::TryAcquire(folder);
  if (!lock.ok()) return lock.status();
  absl::Status kept = CreateKeyFile(InFolder(folder, "key"), kWitnessKeyKind,
                                    key->ExposeSeed());
  if (!kept.ok()) return kept;
  kept = WriteDurably(InFolder(folder, "logs"),
                      "# log <verifier key>\n"
                      "# broker <broker name> <ledger key, base64>\n",
                      0644);
  // Last: a folder with a verifier key is a whole one.
  if (kept.ok()) {
    kept = WriteDurably(InFolder(folder, "witness.vkey"),
                        absl::StrCat(verifier->ToString(), "\n"), 0644);
  }
  if (!kept.ok()) return kept;
  return verifier;
}

absl::StatusOr<Witness::Described> Witness::Describe(
    const std::string& folder) {
  const std::string vkey_path = InFolder(folder, "witness.vkey");
  if (!Exists(vkey_path)) {
    return ToStatus({.what = absl::StrCat("no witness in ", folder),
                     .why = absl::StrCat(vkey_path, " does not exist"),
                     .next = "entente witness init --help",
                     .code = "NOT_FOUND"});
  }
  const absl::StatusOr<std::string> vkey =
      ReadFile(vkey_path, kMaxVerifierKeyBytes);
  if (!vkey.ok()) return vkey.status();
  absl::StatusOr<crypto::NoteKey> verifier =
      crypto::NoteKey::Parse(absl::StripAsciiWhitespace(*vkey));
  if (!verifier.ok()) return DamagedFile(vkey_path, verifier.status());
  const std::string logs_path = InFolder(folder, "logs");
  const absl::StatusOr<std::string> text =
      ReadFile(logs_path, kMaxTrustedLogsBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<TrustedLogs> logs = TrustedLogs::Parse(*text);
  if (!logs.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(logs_path, ":", logs.status().message()));
  }
  return Described{*std::move(verifier), *std::move(logs)};
}

absl::StatusOr<std::unique_ptr<Witness>> Witness::Open(
    const std::string& folder) {
  absl::StatusOr<Described> described = Describe(folder);
  if (!described.ok()) return described.status();
  absl::StatusOr<FolderLock> lock = FolderLock::TryAcquire(folder);
  if (!lock.ok()) return lock.status();
  absl::StatusOr<crypto::SigningKey> key = ReadSigningKey(folder);
  if (!key.ok()) return key.status();
  if (described->key.type() != crypto::NoteKeyType::kCosignature ||
      !(described->key.key() == key->public_key())) {
    return absl::DataLossError(absl::StrCat(InFolder(folder, "witness.vkey"),
                                            " is not the key of this witness"));
  }
  return std::unique_ptr<Witness>(
      new Witness(folder, *std::move(lock), *std::move(key),
                  std::move(described->key), std::move(described->logs)));
}

std::string Witness::SeenPath(absl::string_view origin) const {
  return absl::StrCat(folder_, "/seen/", crypto::ToHex(crypto::Sha256(origin)));
}

absl::StatusOr<Witness::Seen> Witness::ReadSeen(
    absl::string_view origin) const {
  const std::string path = SeenPath(origin);
  const absl::StatusOr<std::string> text =
      ReadFile(path, crypto::kMaxNoteBytes);
  if (absl::IsNotFound(text.status())) {
    return Seen{{std::string(origin), 0, crypto::EmptyRoot()},
                absl::UnixEpoch()};
  }
  if (!text.ok()) return text.status();
  const absl::StatusOr<crypto::Note> note = crypto::ParseNote(*text);
  if (!note.ok()) return DamagedFile(path, note.status());
  // Ours: what somebody else put there is no memory.
  const auto ours = crypto::VerifyCosignatures(*note, {&public_, 1});
  if (!ours.ok()) return DamagedFile(path, ours.status());
  absl::StatusOr<crypto::Checkpoint> checkpoint =
      crypto::ParseCheckpointText(note->text);
  if (!checkpoint.ok()) return DamagedFile(path, checkpoint.status());
  if (ours->empty() || checkpoint->origin != origin) {
    return absl::DataLossError(
        absl::StrCat(path, " is not what this witness cosigned"));
  }
  return Seen{*std::move(checkpoint), ours->front().time};
}

WitnessAnswer Witness::AddCheckpoint(absl::string_view request,
                                     absl::Time now) {
  const auto asked = crypto::ParseAddCheckpoint(request);
  if (!asked.ok()) return Refusal(400, asked.status().message());
  absl::StatusOr<crypto::Note> note = crypto::ParseNote(asked->checkpoint);
  if (!note.ok()) return Refusal(400, note.status().message());
  const auto checkpoint = crypto::ParseCheckpointText(note->text);
  if (!checkpoint.ok()) {
    return Refusal(IsEmptyTreeWithEntries(note->text) ? 422 : 400,
                   checkpoint.status().message());
  }
  const std::vector<crypto::NoteKey> keys = logs_.KeysOf(checkpoint->origin);
  if (keys.empty()) return Refusal(404, "this log is not known here");
  if (absl::Status by_log = crypto::VerifyNote(*note, keys); !by_log.ok()) {
    return Refusal(403, by_log.message());
  }
  if (asked->old_size > checkpoint->size) {
    return Refusal(400, "the old size is larger than the checkpoint's");
  }
  const absl::MutexLock lock(&mu_);
  const absl::StatusOr<Seen> seen = ReadSeen(checkpoint->origin);
  if (!seen.ok()) return Refusal(500, "the memory of this log cannot be read");
  if (asked->old_size != seen->checkpoint.size) {
    return {409, "text/x.tlog.size", absl::StrCat(seen->checkpoint.size, "\n")};
  }
  const absl::Status follows = crypto::VerifyConsistency(
      seen->checkpoint.size, seen->checkpoint.root, checkpoint->size,
      checkpoint->root, asked->proof);
  if (!follows.ok()) return Refusal(422, follows.message());
  return Sign(*std::move(note), *checkpoint, *seen, now);
}

WitnessAnswer Witness::Sign(crypto::Note note,
                            const crypto::Checkpoint& checkpoint,
                            const Seen& seen, absl::Time now) {
  const absl::StatusOr<crypto::NoteSignature> line =
      crypto::Cosign(note.text, public_.name(), key_, std::max(now, seen.time));
  if (!line.ok()) return Refusal(500, line.status().message());
  // The log's own signatures, and ours: others are theirs to keep.
  std::vector<crypto::NoteSignature> kept;
  for (crypto::NoteSignature& each : note.signatures) {
    if (each.name == checkpoint.origin) kept.push_back(std::move(each));
  }
  kept.push_back(*line);
  note.signatures = std::move(kept);
  const absl::StatusOr<std::string> text = crypto::FormatNote(note);
  if (!text.ok()) return Refusal(500, text.status().message());
  const absl::Status written =
      WriteDurably(SeenPath(checkpoint.origin), *text, 0644);
  if (!written.ok()) {
    return Refusal(500, "the checkpoint cannot be kept, so it is not signed");
  }
  return {200, "text/plain; charset=utf-8", crypto::FormatNoteSignature(*line)};
}

WitnessAnswer Witness::Latest(absl::string_view origin_hash) const {
  const absl::StatusOr<crypto::Bytes> hash = crypto::FromHex(origin_hash);
  if (!hash.ok() || hash->size() != crypto::Hash().size() ||
      crypto::ToHex(*hash) != origin_hash) {
    return Refusal(404, "not a log's hash");
  }
  const absl::MutexLock lock(&mu_);
  const absl::StatusOr<std::string> text = ReadFile(
      absl::StrCat(folder_, "/seen/", origin_hash), crypto::kMaxNoteBytes);
  if (absl::IsNotFound(text.status())) {
    return Refusal(404, "nothing was cosigned of this log");
  }
  if (!text.ok()) return Refusal(500, "the memory of this log cannot be read");
  return {200, "text/plain; charset=utf-8", *text};
}

}  // namespace entente::client
