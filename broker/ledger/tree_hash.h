// The hashes of an RFC 6962 tree.
#ifndef ENTENTE_BROKER_LEDGER_TREE_HASH_H_
#define ENTENTE_BROKER_LEDGER_TREE_HASH_H_

#include "absl/strings/string_view.h"
#include "crypto/sha.h"

namespace entente::broker {

// SHA-256("").
crypto::Hash EmptyRoot();
// SHA-256(0x00 || entry).
crypto::Hash LeafHash(absl::string_view entry);
// SHA-256(0x01 || left || right).
crypto::Hash NodeHash(const crypto::Hash& left, const crypto::Hash& right);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_TREE_HASH_H_
