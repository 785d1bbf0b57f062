#include "client/trusted_logs.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "crypto/hex.h"

namespace entente::client {

absl::StatusOr<TrustedLogs> TrustedLogs::Parse(absl::string_view text) {
  if (text.size() > kMaxTrustedLogsBytes) {
    return absl::InvalidArgumentError("more than 1 MiB");
  }
  TrustedLogs logs;
  int number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::Status read = logs.ReadLine(line.substr(0, line.find('#')));
    if (!read.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(number, ": ", read.message()));
    }
  }
  return logs;
}

absl::Status TrustedLogs::ReadLine(absl::string_view line) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (words.empty()) return absl::OkStatus();
  if (words[0] == "log" && words.size() == 2) {
    absl::StatusOr<crypto::NoteKey> key = crypto::NoteKey::Parse(words[1]);
    if (!key.ok()) return key.status();
    if (key->type() != crypto::NoteKeyType::kEd25519) {
      return absl::InvalidArgumentError("that is not a log's key");
    }
    logs_.push_back(*std::move(key));
    return absl::OkStatus();
  }
  if (words[0] == "broker" && words.size() == 3) {
    const absl::StatusOr<crypto::Bytes> bytes = crypto::FromBase64(words[2]);
    if (!bytes.ok()) return bytes.status();
    const absl::StatusOr<crypto::Ed25519PublicKey> key =
        crypto::Ed25519PublicKey::Parse(*bytes);
    if (!key.ok()) return key.status();
    // The key of a ledger with any name shows whether the broker's is one.
    Broker broker = {absl::StrCat(words[1], "/ledgers/"), *key};
    const absl::StatusOr<crypto::NoteKey> named =
        crypto::NoteKey::Create(absl::StrCat(broker.ledgers, "broker"),
                                crypto::NoteKeyType::kEd25519, *key);
    if (!named.ok()) return named.status();
    brokers_.push_back(std::move(broker));
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "expected: log <verifier key>, or broker <name> <ledger key>");
}

std::vector<crypto::NoteKey> TrustedLogs::KeysOf(
    absl::string_view origin) const {
  std::vector<crypto::NoteKey> keys;
  for (const crypto::NoteKey& log : logs_) {
    if (log.name() == origin) keys.push_back(log);
  }
  for (const Broker& broker : brokers_) {
    if (!absl::StartsWith(origin, broker.ledgers)) continue;
    absl::StatusOr<crypto::NoteKey> key = crypto::NoteKey::Create(
        origin, crypto::NoteKeyType::kEd25519, broker.key);
    if (key.ok()) keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace entente::client
