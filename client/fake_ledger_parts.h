// For tests: a ledger in memory with all its parts.
#ifndef ENTENTE_CLIENT_FAKE_LEDGER_PARTS_H_
#define ENTENTE_CLIENT_FAKE_LEDGER_PARTS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "client/continuation.h"
#include "client/fake_ledger.h"
#include "policy/ledger_part.h"

namespace entente::client {

// The ledger `pact` of `broker.test`.
class FakeLedgerParts final : public LedgerParts {
 public:
  FakeLedgerParts() { Open("pact"); }

  EntrySource& Part(const std::string& name) override {
    return *parts_.at(name);
  }
  FakeLedger& newest() { return *logs_.at(newest_); }
  const std::string& newest_name() const { return newest_; }
  FakeLedger& log(const std::string& name) { return *logs_.at(name); }
  crypto::NoteKey key() { return logs_.at("pact")->key(); }

  // Closes the newest part after `keep` entries and opens the next.
  void Continue(
      size_t keep,
      const std::function<void(policy::Continuation&)>& lie = nullptr) {
    const std::string closed = newest_;
    auto kept = std::make_unique<FakeLedger>(Origin(closed), key_);
    for (size_t i = 0; i < keep; ++i) kept->Append(newest().entry(i));
    policy::Continuation says = {Origin(closed), keep,
                                 *kept->tree().RootAt(keep)};
    if (lie) lie(says);
    logs_[closed] = std::move(kept);
    parts_[closed] = std::make_unique<Source>(logs_[closed].get());
    Open(policy::PartName("pact", policy::ParsePartName(closed)->part + 1));
    policy::LedgerEntry entry;
    entry.time = absl::FromUnixSeconds(900);
    newest().Append(
        *policy::SerialiseEntry(policy::ContinuationEntry(entry, says)));
  }
  // SHA-256 of the newest part's first entry, hexadecimal.
  std::string Digest() {
    return crypto::ToHex(crypto::Sha256(newest().entry(0)));
  }

 private:
  class Source final : public EntrySource {
   public:
    explicit Source(FakeLedger* log) : log_(*log) {}
    absl::StatusOr<Head> Latest(uint64_t size,
                                const crypto::Hash& root) override {
      return log_.Latest(size, root);
    }
    absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                          uint32_t width) override {
      return log_.Entries(number, width);
    }
    absl::StatusOr<Proved> Entry(uint64_t index, uint64_t) override {
      return Proved{index,
                    log_.entry(index),
                    log_.Receipt(index, log_.tree().size()),
                    {}};
    }
    absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) override {
      return log_.Tile(tile);
    }

   private:
    FakeLedger& log_;
  };

  static std::string Origin(const std::string& name) {
    return "broker.test/ledgers/" + name;
  }
  void Open(const std::string& name) {
    newest_ = name;
    logs_[name] = std::make_unique<FakeLedger>(Origin(name), key_);
    parts_[name] = std::make_unique<Source>(logs_[name].get());
  }

  const std::shared_ptr<const crypto::SigningKey> key_ =
      std::make_shared<crypto::SigningKey>(*crypto::SigningKey::Generate());
  std::string newest_;
  std::map<std::string, std::unique_ptr<FakeLedger>> logs_;
  std::map<std::string, std::unique_ptr<Source>> parts_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_FAKE_LEDGER_PARTS_H_
