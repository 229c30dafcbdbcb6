//! Orders at providers: placed once, paid once, cancelled once, whatever fails on the way.
