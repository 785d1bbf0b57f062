// The entries that something rests on, as output.
#ifndef ENTENTE_CLIENT_PLACE_LIST_H_
#define ENTENTE_CLIENT_PLACE_LIST_H_

#include <string>
#include <vector>

#include "client/entry_search.h"
#include "client/output.h"

namespace entente::client {

// As many as words name; data has all.
inline constexpr size_t kPlacesInWords = 10;

// All of them, as PlaceText.
Value PlaceValues(const std::vector<Place>& places);

// `entries 0:17, 0:18, and 40 more (-o json has all)`.
std::string PlacesInWords(const std::vector<Place>& places);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_PLACE_LIST_H_
