// A header that is read strictly is what a serialiser writes of it.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "crypto/hex.h"
#include "entente/v1/batch.pb.h"
#include "proto/strict.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  entente::v1::BatchHeader header;
  if (!entente::ParseStrict({data, size}, &header).ok()) return 0;
  std::string again;
  if (!header.SerializeToString(&again) ||
      again != entente::crypto::AsText({data, size})) {
    std::abort();
  }
  return 0;
}
