;; Element-wise kernels of the optimizer, four float32 lanes at a time.
;; Addresses are byte offsets (unsigned), counts are elements and multiples of 4. No fused multiply-add:
;; every operation rounds once, so that the plain JavaScript version can give the same bits.
(module
  (import "env" "memory" (memory 1))

  ;; g <- scale g;  m <- beta1 m + rest1 g;  v <- beta2 v + (rest2 g) g
  ;; p <- keep p - rate m / (root sqrt(v) + epsilon)
  (func (export "adam")
    (param $p i32) (param $g i32) (param $m i32) (param $v i32) (param $count i32)
    (param $scale f32) (param $beta1 f32) (param $rest1 f32) (param $beta2 f32) (param $rest2 f32)
    (param $rate f32) (param $root f32) (param $epsilon f32) (param $keep f32)
    (local $end i32) (local $grad v128) (local $first v128) (local $second v128)
    (local $scales v128) (local $b1 v128) (local $r1 v128) (local $b2 v128) (local $r2 v128)
    (local $rates v128) (local $roots v128) (local $epsilons v128) (local $keeps v128)
    (local.set $end (i32.add (local.get $p) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $scales (f32x4.splat (local.get $scale)))
    (local.set $b1 (f32x4.splat (local.get $beta1)))
    (local.set $r1 (f32x4.splat (local.get $rest1)))
    (local.set $b2 (f32x4.splat (local.get $beta2)))
    (local.set $r2 (f32x4.splat (local.get $rest2)))
    (local.set $rates (f32x4.splat (local.get $rate)))
    (local.set $roots (f32x4.splat (local.get $root)))
    (local.set $epsilons (f32x4.splat (local.get $epsilon)))
    (local.set $keeps (f32x4.splat (local.get $keep)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $p) (local.get $end)))
        (local.set $grad (f32x4.mul (v128.load (local.get $g)) (local.get $scales)))
        (local.set $first
          (f32x4.add
            (f32x4.mul (v128.load (local.get $m)) (local.get $b1))
            (f32x4.mul (local.get $grad) (local.get $r1))))
        (v128.store (local.get $m) (local.get $first))
        (local.set $second
          (f32x4.add
            (f32x4.mul (v128.load (local.get $v)) (local.get $b2))
            (f32x4.mul (f32x4.mul (local.get $grad) (local.get $r2)) (local.get $grad))))
        (v128.store (local.get $v) (local.get $second))
        (v128.store (local.get $p)
          (f32x4.sub
            (f32x4.mul (v128.load (local.get $p)) (local.get $keeps))
            (f32x4.div
              (f32x4.mul (local.get $first) (local.get $rates))
              (f32x4.add
                (f32x4.mul (f32x4.sqrt (local.get $second)) (local.get $roots))
                (local.get $epsilons)))))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (local.set $m (i32.add (local.get $m) (i32.const 16)))
        (local.set $v (i32.add (local.get $v) (i32.const 16)))
        (br $next))))

  ;; Sum of squares in float64: four running sums, one a lane, added as (s0 + s2) + (s1 + s3).
  (func (export "sumOfSquares") (param $g i32) (param $count i32) (result f64)
    (local $end i32) (local $values v128) (local $low v128) (local $high v128) (local $wide v128)
    (local.set $end (i32.add (local.get $g) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $g) (local.get $end)))
        (local.set $values (v128.load (local.get $g)))
        (local.set $wide (f64x2.promote_low_f32x4 (local.get $values)))
        (local.set $low (f64x2.add (local.get $low) (f64x2.mul (local.get $wide) (local.get $wide))))
        (local.set $wide
          (f64x2.promote_low_f32x4
            (i8x16.shuffle 8 9 10 11 12 13 14 15 8 9 10 11 12 13 14 15 (local.get $values) (local.get $values))))
        (local.set $high (f64x2.add (local.get $high) (f64x2.mul (local.get $wide) (local.get $wide))))
        (local.set $g (i32.add (local.get $g) (i32.const 16)))
        (br $next)))
    (local.set $low (f64x2.add (local.get $low) (local.get $high)))
    (f64.add (f64x2.extract_lane 0 (local.get $low)) (f64x2.extract_lane 1 (local.get $low))))

  ;; a <- a + weight (p - a)
  (func (export "average") (param $a i32) (param $p i32) (param $count i32) (param $weight f32)
    (local $end i32) (local $old v128) (local $weights v128)
    (local.set $end (i32.add (local.get $a) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $weights (f32x4.splat (local.get $weight)))
    (block $done
      (loop $next
        (br_if $done (i32.eq (local.get $a) (local.get $end)))
        (local.set $old (v128.load (local.get $a)))
        (v128.store (local.get $a)
          (f32x4.add (local.get $old)
            (f32x4.mul (f32x4.sub (v128.load (local.get $p)) (local.get $old)) (local.get $weights))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $p (i32.add (local.get $p) (i32.const 16)))
        (br $next))))
)
