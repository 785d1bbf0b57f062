// A broker's ledger, read over the wire.
#ifndef ENTENTE_CLIENT_RPC_GRPC_LEDGER_SOURCE_H_
#define ENTENTE_CLIENT_RPC_GRPC_LEDGER_SOURCE_H_

#include <string>
#include <utility>

#include "client/entry_reader.h"
#include "entente/v1/ledger.grpc.pb.h"

namespace entente::client {

// A part of a ledger, by its name. Every call is one to the broker; errors as
// FromGrpc (client/rpc/call_error.h), and DataLoss for hashes that are none.
class GrpcLedgerSource final : public EntrySource {
 public:
  // `stub` is borrowed.
  GrpcLedgerSource(v1::Ledger::Stub* stub, std::string part)
      : stub_(*stub), ledger_(std::move(part)) {}

  absl::StatusOr<Head> Latest(uint64_t known_size,
                              const crypto::Hash& known_root) override;
  absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                        uint32_t width) override;
  absl::StatusOr<Proved> Entry(uint64_t index, uint64_t known_size) override;
  absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) override;

 private:
  absl::StatusOr<crypto::Bytes> Read(const v1::ReadTileRequest& request);

  v1::Ledger::Stub& stub_;
  const std::string ledger_;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_RPC_GRPC_LEDGER_SOURCE_H_
