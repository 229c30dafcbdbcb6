//! Users' own provider keys, sealed with KMS. Nobody reads one back.
