"""Operations as values: what programs are made of, how they are told, how they are made smaller."""
