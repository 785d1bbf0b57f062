// A profile's connection to its broker, with the services on it.
#ifndef ENTENTE_CLIENT_RPC_BROKER_LINK_H_
#define ENTENTE_CLIENT_RPC_BROKER_LINK_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "certs/certificate.h"
#include "certs/private_key.h"
#include "client/profile.h"
#include "client/rpc/connection.h"
#include "crypto/sha.h"
#include "entente/v1/access.pb.h"
#include "entente/v1/agreements.grpc.pb.h"
#include "entente/v1/break_glass.grpc.pb.h"
#include "entente/v1/directory.grpc.pb.h"
#include "entente/v1/exchange.grpc.pb.h"
#include "entente/v1/ledger.grpc.pb.h"
#include "entente/v1/pseudonyms.grpc.pb.h"

namespace entente::client {

// Nothing is sent before the first call. Thread-safe.
class BrokerLink {
 public:
  // Reads the profile's certificate, key and roots. Errors before any call say
  // which file is wrong; an expired certificate is told here, since gRPC hides
  // why a broker hangs up.
  static absl::StatusOr<std::unique_ptr<BrokerLink>> Open(
      const Profile& profile);

  // Over a channel that somebody else opened, with a clock of theirs: for
  // tests, and for programs that embed this library and have their own way to
  // the broker. Whom the channel leads to is the caller's to know; what
  // receipts, signatures and proofs show is checked as always. `chain` is the
  // caller's certificate, leaf first, and `key` its key: documents are signed
  // with them. `clock` is called from any thread.
  static std::unique_ptr<BrokerLink> Over(
      const std::shared_ptr<grpc::Channel>& channel,
      std::vector<certs::Certificate> chain, certs::PrivateKey key,
      std::function<absl::Time()> clock);

  // Use them with Call (client/rpc/connection.h).
  v1::Directory::Stub& directory() { return *directory_; }
  v1::Agreements::Stub& agreements() { return *agreements_; }
  v1::BreakGlass::Stub& break_glass() { return *break_glass_; }
  v1::Pseudonyms::Stub& pseudonyms() { return *pseudonyms_; }
  v1::Exchange::Stub& exchange() { return *exchange_; }
  v1::Ledger::Stub& ledger() { return *ledger_; }

  // The profile's own certificate, and its key.
  const std::vector<certs::Certificate>& chain() const { return chain_; }
  const certs::PrivateKey& key() const { return key_; }

  // What the validity of keys and batches is held against.
  absl::Time Now() const { return clock_(); }

 private:
  BrokerLink(const std::shared_ptr<grpc::Channel>& channel,
             std::vector<certs::Certificate> chain, certs::PrivateKey key,
             std::function<absl::Time()> clock);

  std::vector<certs::Certificate> chain_;
  certs::PrivateKey key_;
  std::function<absl::Time()> clock_;
  std::unique_ptr<v1::Directory::Stub> directory_;
  std::unique_ptr<v1::Agreements::Stub> agreements_;
  std::unique_ptr<v1::BreakGlass::Stub> break_glass_;
  std::unique_ptr<v1::Pseudonyms::Stub> pseudonyms_;
  std::unique_ptr<v1::Exchange::Stub> exchange_;
  std::unique_ptr<v1::Ledger::Stub> ledger_;
};

// The hashes of a consistency proof. DataLoss if one is not of 32 bytes.
absl::StatusOr<std::vector<crypto::Hash>> HashesOf(
    const google::protobuf::RepeatedPtrField<std::string>& packed);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_BROKER_LINK_H_
