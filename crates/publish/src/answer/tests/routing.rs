//! Questions find their topic, however they are put.
