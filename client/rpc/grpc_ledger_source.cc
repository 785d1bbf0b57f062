#include "client/rpc/grpc_ledger_source.h"

#include "client/rpc/broker_link.h"
#include "client/rpc/connection.h"

namespace entente::client {

absl::StatusOr<LedgerSource::Head> GrpcLedgerSource::Latest(
    uint64_t known_size, const crypto::Hash&) {
  v1::GetCheckpointRequest request;
  request.set_ledger(ledger_);
  request.mutable_known()->set_size(known_size);
  absl::StatusOr<v1::GetCheckpointResponse> response =
      Call(stub_, &v1::Ledger::Stub::GetCheckpoint, request);
  if (!response.ok()) return response.status();
  auto consistency = HashesOf(response->consistency());
  if (!consistency.ok()) return consistency.status();
  return Head{std::move(*response->mutable_checkpoint()),
              *std::move(consistency), std::move(*response->mutable_newest()),
              std::move(*response->mutable_witnessed())};
}

absl::StatusOr<crypto::Bytes> GrpcLedgerSource::Entries(uint64_t number,
                                                        uint32_t width) {
  v1::ReadTileRequest request;
  request.set_ledger(ledger_);
  request.set_entries(true);
  request.set_tile(number);
  request.set_width(width);
  return Read(request);
}

absl::StatusOr<crypto::Bytes> GrpcLedgerSource::Tile(
    const crypto::TileId& tile) {
  v1::ReadTileRequest request;
  request.set_ledger(ledger_);
  request.set_level(tile.level);
  request.set_tile(tile.index);
  request.set_width(tile.width);
  return Read(request);
}

absl::StatusOr<crypto::Bytes> GrpcLedgerSource::Read(
    const v1::ReadTileRequest& request) {
  const absl::StatusOr<v1::ReadTileResponse> response =
      Call(stub_, &v1::Ledger::Stub::ReadTile, request);
  if (!response.ok()) return response.status();
  const auto content = crypto::AsBytes(response->content());
  return crypto::Bytes(content.begin(), content.end());
}

absl::StatusOr<EntrySource::Proved> GrpcLedgerSource::Entry(
    uint64_t index, uint64_t known_size) {
  v1::GetEntryRequest request;
  request.set_ledger(ledger_);
  request.set_index(index);
  request.mutable_known()->set_size(known_size);
  absl::StatusOr<v1::GetEntryResponse> response =
      Call(stub_, &v1::Ledger::Stub::GetEntry, request);
  if (!response.ok()) return response.status();
  v1::Receipt& receipt = *response->mutable_receipt();
  auto consistency = HashesOf(receipt.consistency());
  if (!consistency.ok()) return consistency.status();
  return Proved{receipt.index(), std::move(*receipt.mutable_entry()),
                std::move(*receipt.mutable_proof()), *std::move(consistency)};
}

}  // namespace entente::client
