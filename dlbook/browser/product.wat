;; C (M, N) = A (M, K) B (K, N) for float32, four numbers at a time. Browsers bring no BLAS; this is the part of one that
;; the book needs. A and B may have any strides (bytes); C is contiguous. B is copied once into strips of 8 columns, A
;; strip by strip of 4 rows, so that a tile of 4 x 8 sums reads both in order. `room` holds the copies and one tile:
;; 16 K + 128 bytes for the strip of A and the tile, then 32 K bytes for each strip of B.
(module
  (import "env" "memory" (memory 0))

  ;; strip[k][r] = source[r * by_row + k * by_k] for r < rows, and 0 up to the width
  (func $pack (param $source i32) (param $rows i32) (param $k i32) (param $by_row i32) (param $by_k i32)
              (param $width i32) (param $strip i32)
    (local $r i32) (local $at i32)
    (loop $ks
      (if (i32.gt_s (local.get $k) (i32.const 0)) (then
        (local.set $r (i32.const 0))
        (local.set $at (local.get $source))
        (loop $rs
          (f32.store (local.get $strip)
            (if (result f32) (i32.lt_s (local.get $r) (local.get $rows))
              (then (f32.load (local.get $at))) (else (f32.const 0))))
          (local.set $at (i32.add (local.get $at) (local.get $by_row)))
          (local.set $strip (i32.add (local.get $strip) (i32.const 4)))
          (local.set $r (i32.add (local.get $r) (i32.const 1)))
          (br_if $rs (i32.lt_s (local.get $r) (local.get $width))))
        (local.set $source (i32.add (local.get $source) (local.get $by_k)))
        (local.set $k (i32.sub (local.get $k) (i32.const 1)))
        (br $ks)))))

  ;; the 4 x 8 sums over k of a[k][i] b[k][j], written to rows that lie `apart` bytes apart
  (func $tile (param $k i32) (param $a i32) (param $b i32) (param $c i32) (param $apart i32)
    (local $x v128) (local $b0 v128) (local $b1 v128)
    (local $c00 v128) (local $c01 v128) (local $c10 v128) (local $c11 v128)
    (local $c20 v128) (local $c21 v128) (local $c30 v128) (local $c31 v128)
    (loop $ks
      (if (i32.gt_s (local.get $k) (i32.const 0)) (then
        (local.set $b0 (v128.load (local.get $b)))
        (local.set $b1 (v128.load offset=16 (local.get $b)))
        (local.set $x (v128.load32_splat (local.get $a)))
        (local.set $c00 (f32x4.add (local.get $c00) (f32x4.mul (local.get $x) (local.get $b0))))
        (local.set $c01 (f32x4.add (local.get $c01) (f32x4.mul (local.get $x) (local.get $b1))))
        (local.set $x (v128.load32_splat offset=4 (local.get $a)))
        (local.set $c10 (f32x4.add (local.get $c10) (f32x4.mul (local.get $x) (local.get $b0))))
        (local.set $c11 (f32x4.add (local.get $c11) (f32x4.mul (local.get $x) (local.get $b1))))
        (local.set $x (v128.load32_splat offset=8 (local.get $a)))
        (local.set $c20 (f32x4.add (local.get $c20) (f32x4.mul (local.get $x) (local.get $b0))))
        (local.set $c21 (f32x4.add (local.get $c21) (f32x4.mul (local.get $x) (local.get $b1))))
        (local.set $x (v128.load32_splat offset=12 (local.get $a)))
        (local.set $c30 (f32x4.add (local.get $c30) (f32x4.mul (local.get $x) (local.get $b0))))
        (local.set $c31 (f32x4.add (local.get $c31) (f32x4.mul (local.get $x) (local.get $b1))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 32)))
        (local.set $k (i32.sub (local.get $k) (i32.const 1)))
        (br $ks))))
    (v128.store (local.get $c) (local.get $c00)) (v128.store offset=16 (local.get $c) (local.get $c01))
    (local.set $c (i32.add (local.get $c) (local.get $apart)))
    (v128.store (local.get $c) (local.get $c10)) (v128.store offset=16 (local.get $c) (local.get $c11))
    (local.set $c (i32.add (local.get $c) (local.get $apart)))
    (v128.store (local.get $c) (local.get $c20)) (v128.store offset=16 (local.get $c) (local.get $c21))
    (local.set $c (i32.add (local.get $c) (local.get $apart)))
    (v128.store (local.get $c) (local.get $c30)) (v128.store offset=16 (local.get $c) (local.get $c31)))

  ;; copies the first `rows` x `columns` numbers of a tile that stands alone
  (func $copy (param $tile i32) (param $rows i32) (param $columns i32) (param $c i32) (param $apart i32)
    (local $j i32)
    (loop $rs
      (local.set $j (i32.const 0))
      (loop $js
        (f32.store (i32.add (local.get $c) (i32.shl (local.get $j) (i32.const 2)))
          (f32.load (i32.add (local.get $tile) (i32.shl (local.get $j) (i32.const 2)))))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $js (i32.lt_s (local.get $j) (local.get $columns))))
      (local.set $tile (i32.add (local.get $tile) (i32.const 32)))
      (local.set $c (i32.add (local.get $c) (local.get $apart)))
      (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
      (br_if $rs (i32.gt_s (local.get $rows) (i32.const 0)))))

  (func $least (param $a i32) (param $b i32) (result i32)
    (select (local.get $a) (local.get $b) (i32.lt_s (local.get $a) (local.get $b))))

  (func (export "product") (param $m i32) (param $n i32) (param $k i32)
        (param $a i32) (param $a_row i32) (param $a_k i32) (param $b i32) (param $b_k i32) (param $b_column i32)
        (param $c i32) (param $room i32)
    (local $i i32) (local $j i32) (local $rows i32) (local $columns i32)
    (local $alone i32) (local $strips i32) (local $strip i32) (local $to i32)
    (local.set $alone (i32.add (local.get $room) (i32.shl (local.get $k) (i32.const 4))))
    (local.set $strips (i32.add (local.get $alone) (i32.const 128)))
    (local.set $strip (local.get $strips))
    (loop $columns_of_b
      (call $pack (i32.add (local.get $b) (i32.mul (local.get $j) (local.get $b_column)))
        (call $least (i32.const 8) (i32.sub (local.get $n) (local.get $j)))
        (local.get $k) (local.get $b_column) (local.get $b_k) (i32.const 8) (local.get $strip))
      (local.set $strip (i32.add (local.get $strip) (i32.shl (local.get $k) (i32.const 5))))
      (local.set $j (i32.add (local.get $j) (i32.const 8)))
      (br_if $columns_of_b (i32.lt_s (local.get $j) (local.get $n))))
    (loop $rows_of_a
      (local.set $rows (call $least (i32.const 4) (i32.sub (local.get $m) (local.get $i))))
      (call $pack (i32.add (local.get $a) (i32.mul (local.get $i) (local.get $a_row))) (local.get $rows)
        (local.get $k) (local.get $a_row) (local.get $a_k) (i32.const 4) (local.get $room))
      (local.set $j (i32.const 0))
      (local.set $strip (local.get $strips))
      (loop $tiles
        (local.set $columns (call $least (i32.const 8) (i32.sub (local.get $n) (local.get $j))))
        (local.set $to (i32.add (local.get $c)
          (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 2))))
        (if (i32.and (i32.eq (local.get $rows) (i32.const 4)) (i32.eq (local.get $columns) (i32.const 8)))
          (then (call $tile (local.get $k) (local.get $room) (local.get $strip) (local.get $to)
            (i32.shl (local.get $n) (i32.const 2))))
          (else
            (call $tile (local.get $k) (local.get $room) (local.get $strip) (local.get $alone) (i32.const 32))
            (call $copy (local.get $alone) (local.get $rows) (local.get $columns) (local.get $to)
              (i32.shl (local.get $n) (i32.const 2)))))
        (local.set $strip (i32.add (local.get $strip) (i32.shl (local.get $k) (i32.const 5))))
        (local.set $j (i32.add (local.get $j) (i32.const 8)))
        (br_if $tiles (i32.lt_s (local.get $j) (local.get $n))))
      (local.set $i (i32.add (local.get $i) (i32.const 4)))
      (br_if $rows_of_a (i32.lt_s (local.get $i) (local.get $m))))))
